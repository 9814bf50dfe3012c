/** Where what is stored can be read and written: signed URLs, as on the real server. */

import { forbidden, json } from "./answers.ts";
import { type Handler, runResources, sessionResources } from "./context.ts";
import { isStored, packetUrl } from "./objects.ts";
import { may } from "./tokens.ts";

/** Signs a URL for a session's snapshot: the conversation that a later run resumes from. */
export const snapshotUrl: Handler = async (context, { request, url, params, caller }) => {
  const addressed = params["session"] ?? "";
  const session = context.sessions.find(addressed);
  const isWrite = request.method === "PUT";
  if (!may(caller, isWrite ? "write" : "read", sessionResources(addressed, session))) return forbidden();
  if (session === undefined) return json({ error: "Resource not found" }, 404);
  const key = `sessions/${session.id}/snapshot.json`;
  return json({ presignedUrl: await context.objects.sign(url.origin, key, isWrite ? "PUT" : "GET") });
};

/** `PUT /api/v2/packets/{filename}`: where to put a payload or an output that is too large for a request. */
export const uploadPacket: Handler = async (context, { url, params, caller }) => {
  if (caller.kind !== "private") return json({ error: "Invalid or Missing API key" }, 401);
  const key = `packets/${params["filename"] ?? ""}`;
  return json({ presignedUrl: await context.objects.sign(url.origin, key, "PUT"), storagePath: params["filename"] });
};

/** `GET /api/v1/packets/{filename}`: any token of the environment may read any packet, as on the real server. */
export const downloadPacket: Handler = async (context, { url, params }) => {
  return json({ presignedUrl: await packetUrl(context.objects, url.origin, params["filename"] ?? "") });
};

/** `GET /api/v1/runs/{run}/packets/{payload|output}`: the same, for whoever may read the run. */
export const runPacket: Handler = async (context, { url, params, caller }) => {
  const run = context.runs.find(params["run"] ?? "");
  if (run === undefined) return json({ error: "Run not found" }, 404);
  if (!may(caller, "read", runResources(run))) return forbidden();
  const packet = params["field"] === "payload" ? run.payload : run.output;
  if (packet === null || !isStored(packet)) return json({ error: "Packet not found" }, 404);
  return json({ presignedUrl: await packetUrl(context.objects, url.origin, packet.data) });
};
