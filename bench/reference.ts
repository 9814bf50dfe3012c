/**
 * What Trigger.dev's page "Trusted edge signals" shows, restated: parse, spread, serialise again. It
 * does the same work in the same order, so that it costs what the page's Worker costs.
 *
 * @module
 */

type Plain = Record<string, unknown>;

/** The key that the reference writes. */
export const REFERENCE_NAMESPACE = "__cf";

/** Rewrites an append's body. What is no JSON, or no message, comes back as it was. */
export function referenceAppend(body: string, signals: unknown): string {
  let record: Plain;
  try {
    record = JSON.parse(body) as Plain;
  } catch {
    return body;
  }
  if (record["kind"] !== "message") return body;
  const payload = (record["payload"] ?? {}) as Plain;
  const metadata = { ...(payload["metadata"] as Plain | undefined) };
  delete metadata[REFERENCE_NAMESPACE];
  record["payload"] = { ...payload, metadata: { ...metadata, [REFERENCE_NAMESPACE]: signals } };
  return JSON.stringify(record);
}

const APPEND = /^\/realtime\/v1\/sessions\/[^/]+\/in\/append$/;

/** The reference's handler, for `upstream` (an origin). */
export function referenceProxy(
  upstream: string,
  read: (request: Request) => unknown,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    const target = new URL(pathname + search, upstream);
    const signals = read(request);
    let body: string | null = null;
    if (request.method !== "GET" && request.method !== "HEAD") {
      const sent = await request.text();
      body = request.method === "POST" && APPEND.test(pathname) && sent !== "" ? referenceAppend(sent, signals) : sent;
    }
    const headers = new Headers(request.headers);
    headers.delete("host");
    headers.delete("content-length");
    return fetch(target.toString(), { method: request.method, headers, body, redirect: "manual" });
  };
}
