/** Writes down the requests that pass, with tokens replaced by what kind of token they are. */

export type TokenClass = "secret" | "public" | "store" | "none" | "other";

/** A request as it was written down. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly path: string;
  /** In alphabetical order; values of headers that name a token or a machine are left out. */
  readonly headers: Readonly<Record<string, string>>;
  readonly token: TokenClass;
  /** Parsed where it is JSON; text else; `null` where there is none. */
  readonly body: unknown;
}

type Fetch = (request: Request) => Promise<Response>;

/** Calls `onRequest` for every request, before it is answered. */
export function recordRequests(fetch: Fetch, onRequest: (recorded: RecordedRequest) => void): Fetch {
  return async (request) => {
    // Only writes are copied: a body that is read twice has to be held.
    const text = request.method === "POST" || request.method === "PATCH" ? await request.clone().text() : "";
    onRequest(describe(request, text));
    return fetch(request);
  };
}

function describe(request: Request, text: string): RecordedRequest {
  const url = new URL(request.url);
  const headers: Record<string, string> = {};
  for (const [name, value] of [...request.headers].sort(([a], [b]) => (a < b ? -1 : 1))) {
    headers[name] = name === "authorization" ? value.replace(/(?<= ).*/, "…") : value;
  }
  const token = classify(request.headers.get("authorization"));
  return {
    method: request.method,
    path: url.pathname + url.search,
    headers,
    token,
    body: text === "" ? null : parse(text),
  };
}

function classify(authorization: string | null): TokenClass {
  if (authorization === null) return "none";
  const token = authorization.replace(/^Bearer /, "");
  if (token.startsWith("tr_")) return "secret";
  if (token.startsWith("s2_")) return "store";
  return token.split(".").length === 3 ? "public" : "other";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
