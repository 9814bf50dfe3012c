/**
 * A server action that creates sessions with the browser's pass.
 *
 * @module
 */
import type { Json } from "../trust.ts";

/** The part of `chat` from `@trigger.dev/sdk/ai` that is used. */
export interface StartsSessions {
  /** Makes a start action. */
  // The SDK's own types are inferred from what is passed in, so that any version of it fits.
  // deno-lint-ignore no-explicit-any
  createStartSessionAction(task: string, options?: any): (params: any) => Promise<any>;
}

/** The SDK's own options for a start action. */
export type SdkOptions<C extends StartsSessions> = NonNullable<Parameters<C["createStartSessionAction"]>[1]>;

/** What {@link startSession} can be told: the SDK's own options, and these. */
export type StartSessionOptions<C extends StartsSessions> = SdkOptions<C> & {
  /** `chat` from `@trigger.dev/sdk/ai`. */
  chat: C;
  /** The namespace of the proxy. Default `__edge`. */
  namespace?: string;
  /** The session's metadata. Never taken from the browser. */
  metadata?: Readonly<Record<string, unknown>>;
  /** The session's tags. Never taken from the browser. */
  tags?: readonly string[];
};

/** What a browser may say about the session that it wants. */
export interface StartSessionParams {
  /** The chat's id. Check that this user may have it before you start it. */
  chatId: string;
  /** What the agent is told, as the browser has it. The namespace is taken out. */
  clientData?: Record<string, unknown> | undefined;
  /** From `createClient().pass()` of `edgestamp/client`. */
  pass?: string | undefined;
}

/** What the browser's side has to mend before it asks again. `startSession()` of `edgestamp/client` does. */
export interface RefusedSession {
  /** The proxy's code, and what a challenge asks for. */
  readonly refused: { readonly code: MendableCode; readonly challenge?: Json };
}

/** The codes that the browser's side can do something about. */
export type MendableCode = "edge_pass_stale" | "edge_admit_challenge";

const MENDABLE: readonly string[] = ["edge_pass_stale", "edge_admit_challenge"] satisfies MendableCode[];

/** What a start action of the SDK answers. */
export type Started<C extends StartsSessions> = Awaited<ReturnType<ReturnType<C["createStartSessionAction"]>>>;

/**
 * `chat.createStartSessionAction(task, options)` as a server action that browsers may call: it takes a chat's
 * id, its client data and a pass from them, and nothing else. A stale pass and a challenge are answered as a
 * value, because what a server action throws does not reach the browser (Next.js hides it in production).
 *
 * The pass goes out as a header through the SDK's option `fetch`, the one hook that it has for one call
 * (4.8.3). Point `baseURL` at the proxy, at least for the endpoint `sessions`.
 */
export function startSession<C extends StartsSessions>(
  task: string,
  options: StartSessionOptions<C>,
): (params: StartSessionParams) => Promise<Started<C> | RefusedSession> {
  const { chat, namespace = "__edge", metadata, tags, ...sdkOptions } = options as StartSessionOptions<StartsSessions>;
  const send: SdkFetch = sdkOptions.fetch ?? ((url, init) => fetch(url, init));
  return async ({ chatId, clientData, pass }) => {
    if (typeof chatId !== "string" || chatId === "") throw new TypeError("Cannot start a session: give a chatId");
    const action = chat.createStartSessionAction(task, { ...sdkOptions, fetch: carrying(send, pass) });
    try {
      return await action({
        chatId,
        ...(clientData && { clientData: without(namespace, clientData) }),
        ...(metadata && { metadata }),
        ...(tags && { tags }),
      });
    } catch (error) {
      if (error instanceof Mendable) return { refused: error.refused };
      throw error;
    }
  };
}

type SdkFetch = (url: string, init: RequestInit, context: { readonly endpoint: string }) => Promise<Response>;

/** A refusal on its way through the SDK, which hands on what its `fetch` throws. */
class Mendable extends Error {
  override readonly name = "Mendable";
  readonly refused: RefusedSession["refused"];

  constructor(refused: RefusedSession["refused"]) {
    super(`The proxy refused the session: ${refused.code}`);
    this.refused = refused;
  }
}

function carrying(send: SdkFetch, pass: string | undefined): SdkFetch {
  return async (url, init, context) => {
    if (context.endpoint !== "sessions") return send(url, init, context);
    const headers = new Headers(init.headers);
    if (typeof pass === "string" && pass !== "") headers.set("X-Edge-Pass", pass);
    const response = await send(url, { ...init, headers }, context);
    if (!response.ok) {
      const { code, challenge } = await response.clone().json().catch(() => ({}));
      if (MENDABLE.includes(code)) throw new Mendable({ code, ...(challenge !== undefined && { challenge }) });
    }
    return response;
  };
}

/** The browser's data without the proxy's own key, and without what would change what an object inherits. */
export function without(namespace: string, data: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([key]) => key !== namespace && key !== "__proto__"));
}
