/** The stream store behind the API, as far as the SDK's agent side writes to it: appends, and trims. */

import { json } from "./answers.ts";
import { type AppendDraft, decodeAppendInput, encodeAppendAck } from "./protobuf.ts";
import type { Sign } from "./signer.ts";
import type { Streams } from "./streams.ts";

/** How long the SDK gathers chunks before it appends them. The real server says 200; a local reader sees words sooner. */
const FLUSH_INTERVAL_MS = 20;

export interface Store {
  /** The headers with which the API hands out access to one stream. */
  credentials(origin: string, name: string): Promise<Record<string, string>>;
  /** `POST {endpoint}/streams/{name}/records`. */
  append(request: Request, name: string): Promise<Response>;
}

export function createStore(streams: Streams, sign: Sign): Store {
  // One token for the whole environment, as the real server hands out.
  const accessToken = async () => `s2_${await sign("stream store")}`;
  return {
    credentials: async (origin, name) => ({
      "x-s2-access-token": await accessToken(),
      "x-s2-stream-name": name,
      "x-s2-basin": "local-upstream",
      "x-s2-flush-interval-ms": String(FLUSH_INTERVAL_MS),
      "x-s2-max-retries": "3",
      "x-s2-endpoint": `${origin}/s2/v1`,
    }),
    async append(request, name) {
      if (request.headers.get("authorization") !== `Bearer ${await accessToken()}`) {
        return json({ code: "permission_denied", message: "Unknown access token" }, 403);
      }
      const isProtobuf = request.headers.get("content-type") === "application/protobuf";
      const drafts = isProtobuf
        ? decodeAppendInput(new Uint8Array(await request.arrayBuffer()))
        : ((await request.json()) as { records: AppendDraft[] }).records;
      if (drafts.length === 0) return json({ code: "invalid", message: "No records" }, 422);
      return acknowledge(streams, name, drafts, isProtobuf);
    },
  };
}

function acknowledge(streams: Streams, name: string, drafts: readonly AppendDraft[], isProtobuf: boolean): Response {
  const stream = streams.open(name);
  const appended = drafts.map((draft) => stream.append({ body: draft.body, headers: draft.headers ?? [] }));
  for (const { headers, bytes } of drafts) {
    // A command record: its one header has no name, and its body is the first number to keep.
    if (headers?.[0]?.[0] === "" && headers[0][1] === "trim" && bytes?.length === 8) {
      stream.trim(Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0)));
    }
  }
  const [first] = appended;
  const last = appended.at(-1);
  const timestamp = last?.timestamp ?? 0;
  const start = { seq_num: first?.seq ?? 0, timestamp: first?.timestamp ?? timestamp };
  const tail = { seq_num: stream.tail, timestamp };
  if (!isProtobuf) return json({ start, end: tail, tail });
  return new Response(encodeAppendAck(start, tail, tail), { headers: { "content-type": "application/protobuf" } });
}
