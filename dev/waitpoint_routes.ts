/** Wait tokens, `/api/v1/waitpoints/tokens`, and what a task calls to wait for one. */

import { bodyText, forbidden, json } from "./answers.ts";
import type { Call, Context, Handler } from "./context.ts";
import { endOf } from "./durations.ts";
import { filterValues, isInTime, page } from "./pages.ts";
import { readBody, tooLarge } from "./read_body.ts";
import { jsonPacket } from "./run.ts";
import { completeSchema, durationSchema, inputStreamWaitSchema, waitTokenSchema } from "./run_body.ts";
import { runStreamName } from "./streams.ts";
import { may, mintPublicToken } from "./tokens.ts";
import type { Waitpoint } from "./waitpoints.ts";

const SMALL_LIMIT_BYTES = 10 * 1024;
const OUTPUT_LIMIT_BYTES = 3 * 1024 * 1024;

const NOT_FOUND = { error: "Waitpoint not found" };

/** Where anybody who has it completes a token with a POST. It leads to the upstream, and past every proxy. */
async function callbackUrl({ sign }: Context, origin: string, { id }: Waitpoint): Promise<string> {
  return `${origin}/api/v1/waitpoints/tokens/${id}/callback/${await sign(`callback ${id}`)}`;
}

function keyExpiry(ttl: string | undefined, now: Date): Date | null {
  return ttl === undefined ? null : endOf(ttl, now) ?? null;
}

export const createToken: Handler = async (context, { request, url, caller }) => {
  if (caller.kind !== "private") return forbidden();
  const body = await readBody(request, waitTokenSchema, SMALL_LIMIT_BYTES);
  if (body instanceof Response) return body;
  const now = context.clock();
  const timeoutAt = body.timeout === undefined ? null : endOf(body.timeout, now);
  if (timeoutAt === undefined) return json({ error: "Invalid timeout" }, 422);
  const { waitpoint, isCached } = context.waitpoints.create({
    type: "MANUAL",
    timeoutAt,
    tags: body.tags ?? [],
    idempotencyKey: body.idempotencyKey ?? null,
    idempotencyKeyExpiresAt: keyExpiry(body.idempotencyKeyTTL, now),
  });
  const scopes = [`write:waitpoints:${waitpoint.id}`];
  const expiresAt = Math.floor(now.getTime() / 1000) + 24 * 3600;
  const token = await mintPublicToken(context.environment, { scopes, now, expiresAt });
  const claims = JSON.stringify({ sub: context.environment.id, pub: true });
  const answer = { id: waitpoint.id, isCached, url: await callbackUrl(context, url.origin, waitpoint) };
  return json(answer, 200, { "x-trigger-jwt": token, "x-trigger-jwt-claims": claims });
};

function find({ waitpoints }: Context, { params }: Call): Waitpoint | undefined {
  return waitpoints.find(params["waitpoint"] ?? "");
}

function show(waitpoint: Waitpoint, url: string): object {
  const { id, status, tags, createdAt } = waitpoint;
  return {
    id,
    url,
    status,
    tags,
    createdAt,
    idempotencyKey: waitpoint.idempotencyKey ?? undefined,
    idempotencyKeyExpiresAt: waitpoint.idempotencyKeyExpiresAt ?? undefined,
    timeoutAt: waitpoint.timeoutAt ?? undefined,
    completedAt: waitpoint.completedAt ?? undefined,
  };
}

export const retrieveToken: Handler = async (context, call) => {
  if (call.caller.kind !== "private") return json({ error: "Invalid or Missing API key" }, 401);
  const waitpoint = find(context, call);
  if (waitpoint === undefined) return json(NOT_FOUND, 404);
  const { output, status } = waitpoint;
  const outputs = output?.data == null ? {} : { output: output.data, outputType: output.dataType };
  const shown = show(waitpoint, await callbackUrl(context, call.url.origin, waitpoint));
  return json({ ...shown, type: waitpoint.type, ...outputs, outputIsError: status === "TIMED_OUT" });
};

export const listTokens: Handler = async (context, { url, caller }) => {
  if (caller.kind !== "private") return json({ error: "Invalid or Missing API key" }, 401);
  const query = url.searchParams;
  const now = context.clock();
  const wanted = (name: string, values: readonly (string | null)[]) => {
    const asked = filterValues(query, name);
    return asked.length === 0 || asked.some((value) => values.includes(value));
  };
  const rows = context.waitpoints.list().filter((row) =>
    row.type === "MANUAL" && row.inputStream === null && wanted("status", [row.status]) && wanted("tags", row.tags) &&
    wanted("idempotencyKey", [row.idempotencyKey]) && isInTime(row, query, now)
  );
  const urls = new Map(
    await Promise.all(rows.map(async (row) => [row.id, await callbackUrl(context, url.origin, row)] as const)),
  );
  return page(rows, query, (row) => show(row, urls.get(row.id) ?? ""));
};

export const completeToken: Handler = async (context, call) => {
  const body = await readBody(call.request, completeSchema, OUTPUT_LIMIT_BYTES);
  if (body instanceof Response) return body;
  if (!may(call.caller, "write", [{ type: "waitpoints", id: call.params["waitpoint"] ?? "" }])) return forbidden();
  const waitpoint = find(context, call);
  if (waitpoint === undefined) return json(NOT_FOUND, 404);
  context.waitpoints.complete(waitpoint, jsonPacket(body.data));
  return json({ success: true });
};

/** Completes a token by its URL. It needs no other token: the signature in the URL is one. */
export async function completeByUrl(
  context: Context,
  request: Request,
  id: string,
  signature: string,
): Promise<Response> {
  const large = tooLarge(request, OUTPUT_LIMIT_BYTES);
  if (large !== undefined) return large;
  const waitpoint = context.waitpoints.find(id);
  if (waitpoint === undefined) return json(NOT_FOUND, 404);
  if (signature !== (await context.sign(`callback ${id}`))) {
    return json({ error: "Invalid URL, hash doesn't match" }, 401);
  }
  context.waitpoints.complete(waitpoint, jsonPacket(parse(await bodyText(request))));
  return json({ success: true });
}

/** What is no JSON counts as an empty object. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** A task says that it waits for a token. */
export const waitForToken: Handler = async (context, call) => {
  if (call.caller.kind !== "private") return forbidden();
  const waitpoint = find(context, call);
  if (waitpoint === undefined) return json(NOT_FOUND, 404);
  context.waitpoints.block(waitpoint, call.params["run"] ?? "");
  return json({ success: true });
};

/** A task says that it waits until some time. */
export const waitForDuration: Handler = async (context, { request, params, caller }) => {
  if (caller.kind !== "private") return forbidden();
  const body = await readBody(request, durationSchema, SMALL_LIMIT_BYTES);
  if (body instanceof Response) return body;
  const timeoutAt = endOf(body.date, context.clock());
  if (timeoutAt === undefined) return json({ error: "Invalid date" }, 400);
  const { waitpoint } = context.waitpoints.create({
    type: "DATETIME",
    timeoutAt,
    idempotencyKey: body.idempotencyKey ?? null,
  });
  context.waitpoints.block(waitpoint, params["run"] ?? "");
  return json({ waitUntil: timeoutAt, waitpoint: { id: waitpoint.id } });
};

/** A task says that it will wait for the next record of an input stream. What has come since it last looked counts. */
export const waitForInput: Handler = async (context, { request, params, caller }) => {
  if (caller.kind !== "private") return forbidden();
  const body = await readBody(request, inputStreamWaitSchema, SMALL_LIMIT_BYTES);
  if (body instanceof Response) return body;
  const run = context.runs.find(params["run"] ?? "");
  if (run === undefined) return json({ error: "Run not found" }, 404);
  const inputStream = runStreamName(run.id, body.streamId, "in");
  const timeoutAt = body.timeout === undefined ? null : endOf(body.timeout, context.clock()) ?? null;
  const idempotencyKey = body.idempotencyKey ?? null;
  const { waitpoint, isCached } = context.waitpoints.create({ type: "MANUAL", inputStream, timeoutAt, idempotencyKey });
  const [record] = context.streams.open(inputStream).from((body.lastSeqNum ?? -1) + 1);
  if (record !== undefined) {
    const { data } = JSON.parse(record.body) as { data: string };
    context.waitpoints.complete(waitpoint, { data, dataType: "application/json" });
  }
  return json({ waitpointId: waitpoint.id, isCached });
};
