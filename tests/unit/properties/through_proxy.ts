/**
 * The proxy in one process: what it makes of a request, without a network. The global `fetch`, with which it sends
 * requests on, is replaced while a call is under way and put back after it.
 */
import { createProxy, type Options } from "../../../mod.ts";

/** What every stamp of these tests holds. */
export const STAMP = { botScore: 7, note: 'ключ "__edge"' } as const;

/** The namespace of these tests. */
export const NAMESPACE = "__edge";

/** What became of a request: the code of its refusal, or what reached the upstream. */
export interface Outcome {
  readonly status: number;
  readonly code: string | undefined;
  readonly sent: {
    readonly url: string;
    readonly method: string;
    readonly headers: Headers;
    readonly bytes: Uint8Array;
  } | undefined;
}

/** A function that sends requests through a proxy with these options. */
export function through(options: Options): (request: Request) => Promise<Outcome> {
  const proxy = createProxy({
    upstream: "http://upstream.invalid",
    namespace: NAMESPACE,
    ...options,
    trust: () => STAMP,
  });
  return async (request) => {
    let sent: Outcome["sent"];
    const real = globalThis.fetch;
    globalThis.fetch = (async (url: string, init: RequestInit) => {
      // Reading a stream as the upstream would: whole.
      const bytes = new Uint8Array(await new Response(init.body as BodyInit | null).arrayBuffer());
      sent = { url, method: init.method!, headers: new Headers(init.headers), bytes };
      return Response.json({ ok: true });
    }) as typeof fetch;
    try {
      const response = await proxy.fetch(request);
      const answer = await response.json() as { code?: string };
      return { status: response.status, code: answer.code, sent };
    } finally {
      globalThis.fetch = real;
    }
  };
}

/** A chat token in the form of a JWT, with these scopes. Nothing verifies it. */
export function publicToken(...scopes: readonly string[]): string {
  const part = (value: object): string => {
    const binary = String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value)));
    return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  };
  return `${part({ alg: "HS256", typ: "JWT" })}.${part({ pub: true, scopes })}.c2lnbmF0dXJl`;
}

/** A POST to the proxy. */
export function post(path: string, body: Uint8Array | string, headers: Record<string, string> = {}): Request {
  const authorization = `Bearer ${publicToken("read:sessions:chat-1", "write:sessions:chat-1")}`;
  return new Request(`http://proxy.test${path}`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json", ...headers },
    body: body as BodyInit,
  });
}

/** The paths of the two routes that are stamped. */
export const PATHS = { create: "/api/v1/sessions", append: "/realtime/v1/sessions/chat-1/in/append" } as const;
