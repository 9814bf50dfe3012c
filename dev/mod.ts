/**
 * `edgestamp/dev`: a local Trigger.dev, for tests and for working without a network. It serves the unmodified SDK.
 *
 * ```ts
 * import { configure } from "@trigger.dev/sdk";
 * import { startLocal } from "edgestamp/dev";
 *
 * const local = await startLocal({ tasks: new URL("./trigger/tasks.ts", import.meta.url) });
 * configure({ baseURL: local.url, accessToken: local.environment.secretKey });
 * // … tasks.trigger(…), sessions.start(…), runs.subscribeToRun(…)
 * await local.close();
 * ```
 *
 * `startDev` starts the proxy and a page to chat on beside it, as `npx edgestamp dev` does.
 *
 * `startLocal` listens on a port and executes agents and tasks in threads, with the SDK's own code: `@trigger.dev/sdk` and
 * `@trigger.dev/core` are the app's own packages. `createUpstream` is the handler alone, for whoever brings a server or needs
 * none; it executes nothing, and needs none of these.
 *
 * @module
 */
export { type Dev, type DevOptions, startDev } from "./start_dev.ts";
export { type Local, type LocalOptions, startLocal } from "./serve.ts";
export { createUpstream, type Upstream, type UpstreamOptions } from "./upstream.ts";
export type { AppendEvent, Hooks } from "./context.ts";
export { type FileJournalOptions, openJournal } from "./file_journal.ts";
export type { Entry, Journal } from "./journal.ts";
export { countingIds, type Ids, randomIds } from "./ids.ts";
export { type RecordedRequest, recordRequests, type TokenClass } from "./record.ts";
export { type Action, type Environment, type MintOptions, mintPublicToken, mintSessionToken } from "./tokens.ts";
export type { AgentRunner, CompletedWaitpoint, RunHost, Runs } from "./runs.ts";
export type { Outcome, Packet, Run, RunDraft, RunError, RunStatus } from "./run.ts";
export type { Session, Sessions } from "./sessions.ts";
export type { Draft, Stream, StreamRecord, Streams } from "./streams.ts";
export type { Waitpoint, Waitpoints } from "./waitpoints.ts";
export type { Observation, Observe } from "./observations.ts";
export type { Runner } from "./runner.ts";
export type { OwnAgent } from "./page/playground.ts";
export type { SealKind } from "./page/seal_keys.ts";
export type { Register } from "./orders.ts";
