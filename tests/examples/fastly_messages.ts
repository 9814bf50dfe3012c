/** Heads of messages as a service on Fastly sees them, and how they go out over Node's sockets. */
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { request as plainRequest } from "node:http";
import { Body, pour, type Sink } from "./fastly_body.ts";

/** A request's or response's head: names in lower case, each line by itself. */
export class Head {
  method = "GET";
  uri = "";
  status = 200;
  /** Whether its own headers say how its body is framed. */
  isFramed = false;
  fields: (readonly [name: string, value: string])[] = [];

  names(): string[] {
    return [...new Set(this.fields.map(([name]) => name))];
  }
  values(name: string): string[] {
    return this.fields.filter(([key]) => key === name).map(([, value]) => value);
  }
  remove(name: string): void {
    this.fields = this.fields.filter(([key]) => key !== name);
  }

  /** Framing is the host's, unless told otherwise: what the service says of it is left out. */
  toNode(): string[] {
    return this.fields.filter(([name]) => name !== "transfer-encoding" && (this.isFramed || name !== "content-length"))
      .flat();
  }

  static of(message: IncomingMessage): Head {
    const head = new Head();
    for (let at = 0; at < message.rawHeaders.length; at += 2) {
      head.fields.push([message.rawHeaders[at]!.toLowerCase(), message.rawHeaders[at + 1]!]);
    }
    head.method = message.method ?? "GET";
    head.status = message.statusCode ?? 200;
    head.uri = `http://${message.headers.host}${message.url}`;
    return head;
  }
}

/** A message that goes out over a stream of Node's. */
export function sinkOf(stream: ServerResponse | ClientRequest): Sink {
  let isGone = false;
  stream.on("close", () => (isGone = true));
  stream.on("error", () => (isGone = true));
  return {
    write: (chunk) => {
      if (isGone) return Promise.resolve(false);
      if (stream.write(chunk)) return Promise.resolve(true);
      return new Promise((resolve) => {
        stream.once("drain", () => resolve(true));
        stream.once("close", () => resolve(false));
      });
    },
    end: () => void stream.end(),
    abandon: () => void stream.destroy(),
  };
}

/** An answer of a backend's, once its head is there. */
export interface Fetched {
  readonly head: Head;
  readonly body: Body;
}

function framing({ method }: Head, length: number | undefined): string[] {
  if (length === undefined) return ["transfer-encoding", "chunked"];
  return length > 0 || method.startsWith("P") ? ["content-length", String(length)] : [];
}

/** Sends a request to a backend. */
export function send(head: Head, body: Body, target: string, isStreaming: boolean): Promise<Fetched> {
  const { pathname, search } = new URL(head.uri);
  const [host, port] = target.split(":");
  const length = isStreaming ? undefined : body.length;
  return new Promise((resolve, reject) => {
    const fields = head.fields.some(([name]) => name === "host") ? head.toNode() : ["host", target, ...head.toNode()];
    if (!head.isFramed) fields.push(...framing(head, length));
    const call = plainRequest({
      host,
      port,
      method: head.method,
      path: pathname + search,
      headers: fields,
      agent: false,
    });
    call.on("error", reject);
    call.on("response", (message) => resolve({ head: Head.of(message), body: Body.from(message) }));
    call.on("close", () => reject(new Error("no answer began")));
    if (isStreaming) return body.attach(sinkOf(call));
    body.complete();
    void pour(body, sinkOf(call));
  });
}

/** Answers the service's caller. */
export function answer(response: ServerResponse, head: Head, body: Body, isStreaming: boolean): void {
  const fields = head.toNode();
  const length = isStreaming ? undefined : body.length;
  const isBare = [204, 304].includes(head.status) || response.req.method === "HEAD";
  if (length !== undefined && !isBare) fields.push("content-length", String(length));
  response.writeHead(head.status, fields);
  response.flushHeaders();
  if (isStreaming) return body.attach(sinkOf(response));
  body.complete();
  void pour(body, sinkOf(response));
}
