/**
 * The app's server: sessions and head starts that carry the pass of the browser they are for.
 *
 * ```ts
 * // actions.ts
 * "use server";
 * import { chat } from "@trigger.dev/sdk/ai";
 * import { startSession } from "edgestamp/server";
 *
 * const start = startSession("my-agent", { chat, baseURL: "https://edge.example.com" });
 * export async function startChat(params: Parameters<typeof start>[0]) {
 *   return await start(params); // after you have checked that this user may have this chat
 * }
 * ```
 *
 * @module
 */
export {
  type MendableCode,
  type RefusedSession,
  type SdkOptions,
  type Started,
  startSession,
  type StartSessionOptions,
  type StartSessionParams,
  type StartsSessions,
} from "./server/start_session.ts";
export { type Json } from "./trust.ts";
export { headStart, type HeadStartOptions } from "./server/head_start.ts";
