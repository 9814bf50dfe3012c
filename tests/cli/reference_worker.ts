/**
 * A Worker that does what the one on Trigger.dev's page "Trusted edge signals" does, in the same order and with the same
 * trust in what it is sent: it matches two paths as they are spelled, parses, spreads, serialises again, and hands on the rest.
 */

interface Env {
  readonly TRIGGER_API_UPSTREAM: string;
}

type Plain = Record<string, unknown>;

const KEY = "__cf";
const APPEND = /^\/realtime\/v1\/sessions\/[^/]+\/in\/append$/;

/** What a zone without Bot Management knows. */
function signalsOf({ cf }: { cf?: { asn?: number; country?: string } }): Plain {
  return { botScore: 0, ja4: "", asn: cf?.asn ?? 0, country: cf?.country ?? "" };
}

function stamped(holder: unknown, signals: Plain): Plain {
  const { [KEY]: _, ...metadata } = ((holder as Plain | undefined)?.["metadata"] ?? {}) as Plain;
  return { ...holder as Plain, metadata: { ...metadata, [KEY]: signals } };
}

function rewriteCreate(text: string, signals: Plain): string {
  const body = JSON.parse(text) as Plain;
  const config = (body["triggerConfig"] ?? {}) as Plain;
  return JSON.stringify({
    ...body,
    triggerConfig: { ...config, basePayload: stamped(config["basePayload"], signals) },
  });
}

function rewriteAppend(text: string, signals: Plain): string {
  let record: Plain;
  try {
    record = JSON.parse(text) as Plain;
  } catch {
    return text;
  }
  if (record["kind"] !== "message") return text;
  return JSON.stringify({ ...record, payload: stamped(record["payload"], signals) });
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const target = new URL(pathname + search, env.TRIGGER_API_UPSTREAM);
    const { method } = request;
    let body: string | null = null;
    if (method !== "GET" && method !== "HEAD") {
      body = await request.text();
      const signals = signalsOf(request as { cf?: object });
      if (method === "POST" && body !== "" && pathname === "/api/v1/sessions") body = rewriteCreate(body, signals);
      else if (method === "POST" && body !== "" && APPEND.test(pathname)) body = rewriteAppend(body, signals);
    }
    const headers = new Headers(request.headers);
    headers.delete("host");
    headers.delete("content-length");
    return await fetch(target.href, { method, headers, body, redirect: "manual" });
  },
};
