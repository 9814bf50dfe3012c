/** Every route of the upstream: its path, and who answers which method. What is not here is answered with 404. */

import { json } from "./answers.ts";
import { append, initialize, records, subscribe } from "./channel_routes.ts";
import type { Handler } from "./context.ts";
import { downloadPacket, runPacket, snapshotUrl, uploadPacket } from "./object_routes.ts";
import { addTags, cancelRun, listRuns, readMetadata, replayRun, retrieveRun, updateMetadata } from "./run_routes.ts";
import { appendToRunStream, createRunStream, readInputStream, readRunStream, sendInput } from "./run_stream_routes.ts";
import {
  closeSession,
  createSession,
  endAndContinue,
  listSessions,
  retrieveSession,
  updateSession,
} from "./session_routes.ts";
import { subscribeToBatch, subscribeToRun, subscribeToRuns } from "./shape_routes.ts";
import { addBatchItems, createBatch, retrieveBatch, triggerTask } from "./trigger_routes.ts";
import {
  completeToken,
  createToken,
  listTokens,
  retrieveToken,
  waitForDuration,
  waitForInput,
  waitForToken,
} from "./waitpoint_routes.ts";

export type Methods = Readonly<Record<string, Handler>>;

/** What the SDK asks for before it signs a public token itself. A public token may not. */
const claims: Handler = async ({ environment }, { caller }) =>
  caller.kind === "private"
    ? json({ sub: environment.id, pub: true })
    : json({ error: "Invalid or Missing API key" }, 401);

const CHANNEL = "/realtime/v1/sessions/:session";
const STREAMS = "/realtime/v1/streams/:run";
const TOKENS = "/api/v1/waitpoints/tokens";
const ENGINE = "/engine/v1/runs/:run";
const reading: Methods = { GET: subscribe, HEAD: subscribe, PUT: initialize };
const draining: Methods = { GET: records, HEAD: records };

/** The first that fits answers, so what is spelled out stands before what is not. */
export const ROUTES: Readonly<Record<string, Methods>> = {
  "/api/v1/sessions": { GET: listSessions, POST: createSession },
  "/api/v1/sessions/:session": { GET: retrieveSession, PATCH: updateSession },
  "/api/v1/sessions/:session/close": { POST: closeSession },
  "/api/v1/sessions/:session/end-and-continue": { POST: endAndContinue },
  "/api/v1/sessions/:session/snapshot-url": { GET: snapshotUrl, PUT: snapshotUrl },
  "/api/v1/auth/jwt/claims": { POST: claims },
  [`${CHANNEL}/:io`]: reading,
  [`${CHANNEL}/:io/append`]: { POST: append },
  [`${CHANNEL}/:io/records`]: draining,
  [`${CHANNEL}/channels/:channel/:io`]: reading,
  [`${CHANNEL}/channels/:channel/:io/append`]: { POST: append },
  [`${CHANNEL}/channels/:channel/:io/records`]: draining,

  "/api/v1/tasks/:task/trigger": { POST: triggerTask },
  "/api/v3/batches": { POST: createBatch },
  "/api/v3/batches/:batch/items": { POST: addBatchItems },
  "/api/v2/batches/:batch": { GET: retrieveBatch },
  "/api/v1/runs": { GET: listRuns },
  "/api/v3/runs/:run": { GET: retrieveRun },
  "/api/v2/runs/:run/cancel": { POST: cancelRun },
  "/api/v1/runs/:run/replay": { POST: replayRun },
  "/api/v1/runs/:run/tags": { POST: addTags },
  "/api/v1/runs/:run/metadata": { GET: readMetadata, PUT: updateMetadata },
  "/api/v1/runs/:run/packets/:field": { GET: runPacket },
  "/api/v1/runs/:run/input-streams/wait": { POST: waitForInput },
  "/api/v2/packets/:filename": { PUT: uploadPacket },
  "/api/v1/packets/:filename": { GET: downloadPacket },

  "/realtime/v1/runs": { GET: subscribeToRuns },
  "/realtime/v1/runs/:run": { GET: subscribeToRun },
  "/realtime/v1/batches/:batch": { GET: subscribeToBatch },
  [`${STREAMS}/:stream`]: { GET: readRunStream },
  [`${STREAMS}/input/:stream`]: { GET: readInputStream, POST: sendInput },
  [`${STREAMS}/:target/:stream`]: { PUT: createRunStream },
  [`${STREAMS}/:target/:stream/append`]: { POST: appendToRunStream },

  [TOKENS]: { GET: listTokens, POST: createToken },
  [`${TOKENS}/:waitpoint`]: { GET: retrieveToken },
  [`${TOKENS}/:waitpoint/complete`]: { POST: completeToken },
  [`${ENGINE}/waitpoints/tokens/:waitpoint/wait`]: { POST: waitForToken },
  [`${ENGINE}/wait/duration`]: { POST: waitForDuration },
};

/** Routes that need no token of the environment's: what they are called with is proof enough. */
export const OPEN_ROUTES = {
  object: "/objects/:key",
  store: "/s2/v1/streams/:name/records",
  callback: "/api/v1/waitpoints/tokens/:waitpoint/callback/:signature",
} as const;
