/** Streams of runs: what a task writes, `/realtime/v1/streams/{run}/{stream}`, and what is sent into it, `…/input/{stream}`. */

import { bodyText, forbidden, json } from "./answers.ts";
import { type Call, type Context, type Handler, runResources } from "./context.ts";
import { readBody, tooLarge } from "./read_body.ts";
import { isOver, jsonPacket, type Run } from "./run.ts";
import { inputStreamSchema } from "./run_body.ts";
import { follow, idleSecondsOf, startOf } from "./sse.ts";
import { runStreamName } from "./streams.ts";
import { may } from "./tokens.ts";

const INPUT_LIMIT_BYTES = 1024 * 1024;
const APPEND_LIMIT_BYTES = 512 * 1024;

/** Reads what a task writes, or what was sent into it. */
function reader(direction: "out" | "in"): Handler {
  return async (context, { request, params, caller }) => {
    const run = context.runs.find(params["run"] ?? "");
    if (run === undefined) return json({ error: "Not found" }, 404, { "x-should-retry": "false" });
    if (!may(caller, "read", runResources(run))) return forbidden();
    const idleSeconds = idleSecondsOf(request);
    if (typeof idleSeconds === "string") return new Response(idleSeconds, { status: 400 });
    const stream = context.streams.open(runStreamName(run.id, params["stream"] ?? "", direction));
    return follow(stream, { from: startOf(request, stream), idleSeconds, settled: false, signal: request.signal });
  };
}

export const readRunStream: Handler = reader("out");
export const readInputStream: Handler = reader("in");

export const sendInput: Handler = async (context, { request, params, caller }) => {
  const runId = params["run"] ?? "";
  const large = tooLarge(request, INPUT_LIMIT_BYTES);
  if (large !== undefined) return large;
  if (!may(caller, "write", [{ type: "inputStreams", id: runId }])) return forbidden();
  const run = context.runs.find(runId);
  if (run === undefined) return json({ ok: false, error: "Run not found" }, 404);
  if (isOver(run)) return json({ ok: false, error: "Cannot send to input stream on a completed run" }, 400);
  const body = await readBody(request, inputStreamSchema, INPUT_LIMIT_BYTES);
  if (body instanceof Response) return json({ ok: false, error: "Invalid request body" }, 400);
  const name = runStreamName(run.id, params["stream"] ?? "", "in");
  const data = JSON.stringify(body.data);
  context.streams.open(name).append({ body: JSON.stringify({ data, id: context.ids.next("inp") }) });
  context.waitpoints.completeStream(name, jsonPacket(body.data));
  return json({ ok: true });
};

/** The run whose stream a task writes: its own, its parent's or its root's. A run that has none stands for itself. */
function targetOf({ runs }: Context, { params }: Call): Run | undefined {
  const run = runs.find(params["run"] ?? "");
  const id = params["target"] === "parent" ? run?.parentRunId : params["target"] === "root" ? run?.rootRunId : run?.id;
  return id == null ? run : runs.find(id);
}

/** The checks of a task's writes. */
function writable(context: Context, call: Call, refusal: string): Run | Response {
  if (!["self", "parent", "root"].includes(call.params["target"] ?? "")) return json({ error: "Params Error" }, 400);
  if (call.caller.kind !== "private") return forbidden();
  const run = targetOf(context, call);
  if (run === undefined) return new Response("Run not found", { status: 404 });
  if (isOver(run)) return new Response(refusal, { status: 400 });
  const id = call.params["stream"] ?? "";
  if (!run.realtimeStreams.includes(id)) context.runs.change(run, { realtimeStreams: [...run.realtimeStreams, id] });
  return run;
}

/** Hands a task what it needs to write to the stream store itself. */
export const createRunStream: Handler = async (context, call) => {
  const run = writable(context, call, "Cannot initialize a realtime stream on a completed run");
  if (run instanceof Response) return run;
  const name = runStreamName(run.id, call.params["stream"] ?? "");
  return json({ version: "v2" }, 202, await context.store.credentials(call.url.origin, name));
};

export const appendToRunStream: Handler = async (context, call) => {
  const large = tooLarge(call.request, APPEND_LIMIT_BYTES);
  if (large !== undefined) return large;
  const run = writable(context, call, "Cannot append to a realtime stream on a completed run");
  if (run instanceof Response) return run;
  const id = call.request.headers.get("x-part-id") ?? context.ids.next("part").slice(-7);
  const stream = context.streams.open(runStreamName(run.id, call.params["stream"] ?? ""));
  stream.append({ body: JSON.stringify({ data: await bodyText(call.request), id }) });
  return json({ ok: true });
};
