/** The object store, as far as chats use it: one snapshot a session, read and written through signed URLs. */

import { forbidden, json } from "./answers.ts";
import { type Handler, sessionResources } from "./context.ts";
import type { Ids } from "./ids.ts";
import { may } from "./tokens.ts";

export interface Objects {
  /** A URL that lets whoever holds it read (`GET`) or write (`PUT`) one object. */
  sign(origin: string, key: string, method: "GET" | "PUT"): string;
  answer(request: Request, key: string, url: URL): Promise<Response>;
}

export function createObjects(ids: Ids): Objects {
  const kept = new Map<string, { body: ArrayBuffer; type: string }>();
  const granted = new Map<string, string>();
  return {
    sign(origin, key, method) {
      const signature = ids.next("signature");
      granted.set(signature, `${method} ${key}`);
      return `${origin}/objects/${encodeURIComponent(key)}?signature=${signature}`;
    },
    async answer(request, key, url) {
      if (granted.get(url.searchParams.get("signature") ?? "") !== `${request.method} ${key}`) return forbidden();
      if (request.method === "PUT") {
        const type = request.headers.get("content-type") ?? "application/octet-stream";
        kept.set(key, { body: await request.arrayBuffer(), type });
        return new Response(null, { status: 200 });
      }
      const object = kept.get(key);
      if (object === undefined) return new Response("NoSuchKey", { status: 404 });
      return new Response(object.body, { headers: { "content-type": object.type } });
    },
  };
}

/** Signs a URL for a session's snapshot: the conversation that a later run resumes from. */
export const snapshotUrl: Handler = async (context, { request, url, params, caller }) => {
  const addressed = params["session"] ?? "";
  const session = context.sessions.find(addressed);
  const isWrite = request.method === "PUT";
  if (!may(caller, isWrite ? "write" : "read", sessionResources(addressed, session))) return forbidden();
  if (session === undefined) return json({ error: "Resource not found" }, 404);
  const key = `sessions/${session.id}/snapshot.json`;
  return json({ presignedUrl: context.objects.sign(url.origin, key, isWrite ? "PUT" : "GET") });
};
