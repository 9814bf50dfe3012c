/**
 * Every refusal: its code, its status, and the sentence that says what to do. The one closed list
 * that the code, the README's table and the tests share.
 *
 * Statuses are chosen with the SDK in mind: what a body did is 400 or 422, what a token may not do
 * is 403; never 401, 404 or 409, on which its transport refreshes tokens, recreates sessions or
 * retries.
 *
 * @module
 */

/** What a refusal is called. Stable: clients may branch on it. */
export type RefusalCode =
  | "edge_path_ambiguous"
  | "edge_path_outside"
  | "edge_not_enabled"
  | "edge_method_unsupported"
  | "edge_host_invalid"
  | "edge_upgrade_unsupported"
  | "edge_head_too_large"
  | "edge_credentials_refused"
  | "edge_snapshot_refused"
  | "edge_handover_refused"
  | "edge_route_refused"
  | "edge_body_too_large"
  | "edge_body_timeout"
  | "edge_body_broken"
  | "edge_body_encoded"
  | "edge_body_utf8"
  | "edge_body_not_json"
  | "edge_body_too_deep"
  | "edge_body_nested_json"
  | "edge_key_repeated"
  | "edge_key_proto"
  | "edge_key_escaped"
  | "edge_container_type"
  | "edge_namespace_elsewhere"
  | "edge_payload_elsewhere"
  | "edge_chat_mismatch"
  | "edge_server_field"
  | "edge_record_kind"
  | "edge_message_role"
  | "edge_pass_stale"
  | "edge_admit_forbidden"
  | "edge_admit_rate_limited"
  | "edge_admit_challenge"
  | "edge_overloaded"
  | "edge_not_ready"
  | "edge_trust_unavailable"
  | "edge_upstream_unreachable"
  | "edge_upstream_timeout"
  | "edge_stopping"
  | "edge_misconfigured"
  | "edge_internal";

/** Code → [status, sentence]. The sentence is all that a caller learns. */
export const REFUSALS: Readonly<Record<RefusalCode, readonly [status: number, sentence: string]>> = {
  // The request line and its headers.
  edge_path_ambiguous: [
    400,
    "The path can be read in two ways: send it without `//` and encoded slashes, and check `baseURL`",
  ],
  edge_path_outside: [
    400,
    "The path is outside the proxy's basePath: prefix it",
  ],
  edge_not_enabled: [400, "This proxy does not offer that: set its option pass, seal or ready"],
  edge_method_unsupported: [405, "The method is not proxied: use GET, HEAD, POST, PUT, PATCH or DELETE"],
  edge_host_invalid: [400, "The Host header is not a host: send one"],
  edge_upgrade_unsupported: [400, "Upgrades are not proxied: send none"],
  edge_head_too_large: [431, "The URL and headers are over the limit: send less"],
  // What a token may not do.
  edge_credentials_refused: [
    403,
    "Public tokens may not get stream credentials: call with a secret key",
  ],
  edge_snapshot_refused: [403, "Public tokens may not replace a snapshot: call with a secret key"],
  edge_handover_refused: [403, "Public tokens may not end a run: call with a secret key"],
  edge_route_refused: [
    403,
    "Public tokens may only chat: call with a secret key, or set guard to standard",
  ],
  // What a body is.
  edge_body_too_large: [413, "The body is over the limit: send less"],
  edge_body_timeout: [408, "The body did not arrive in time: send it again"],
  edge_body_broken: [400, "The body broke off: send it whole"],
  edge_body_encoded: [415, "The body has a Content-Encoding: send it as it is"],
  edge_body_utf8: [400, "The body is not UTF-8, or has two byte order marks: send UTF-8"],
  edge_body_not_json: [400, "The body is not a JSON object: send one"],
  edge_body_too_deep: [400, "The body is nested too deeply: flatten it"],
  edge_body_nested_json: [400, "The body is a message in a JSON string: send it as it is"],
  edge_key_repeated: [400, "The body has a key twice: send it once"],
  edge_key_proto: [400, "The body has a `__proto__` key: leave it out"],
  edge_key_escaped: [400, "The body has an escaped key: spell it plainly"],
  edge_container_type: [
    400,
    "The metadata, or what it is in, is no object: send one",
  ],
  edge_namespace_elsewhere: [422, "The body has the proxy's own key: leave it out"],
  edge_payload_elsewhere: [
    422,
    "The payload is elsewhere: send it in the body, or call with a secret key",
  ],
  edge_chat_mismatch: [
    422,
    "The payload names another chat than the request: send one id as externalId, chatId and sessionId",
  ],
  edge_server_field: [
    422,
    "The payload has a field that is the server's to set: check the transport's `body` option",
  ],
  edge_record_kind: [422, "Hand-overs are the server's to send: call with a secret key"],
  edge_message_role: [
    422,
    "System messages are the server's to send: call with a secret key, or set allowSystemMessages",
  ],
  // Who gets in.
  edge_pass_stale: [400, "The pass is expired or another chat's: get a new pass"],
  edge_admit_forbidden: [403, "The request was not admitted"],
  edge_admit_rate_limited: [429, "Too many requests: wait as long as Retry-After says"],
  edge_admit_challenge: [403, "A solved challenge is needed: get a pass with one"],
  // What went wrong on our side or behind us.
  edge_overloaded: [503, "Too many requests: wait as long as Retry-After says"],
  edge_not_ready: [503, "The proxy is not ready: send requests elsewhere"],
  edge_trust_unavailable: [503, "The signals could not be read: send the request again"],
  edge_upstream_unreachable: [502, "Trigger.dev could not be reached: send the request again"],
  edge_upstream_timeout: [504, "Trigger.dev did not answer in time: send the request again"],
  edge_stopping: [503, "The proxy is stopping: send the request again"],
  edge_misconfigured: [500, "The proxy is misconfigured: see its logs"],
  edge_internal: [500, "The proxy failed: see its logs"],
};

/** What one refusal adds to its code. */
export interface RefusalDetail {
  /** One more clause for the caller, such as by how many bytes a body is over. Never a part of a body, a token or a key. */
  readonly detail?: string;
  /** Response headers, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** More members of the JSON answer, such as a challenge. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** What caused it, for logs; the caller never sees it. */
  readonly cause?: unknown;
}

/** Thrown wherever a request is not let through. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: RefusalCode, { detail, headers = {}, fields = {}, cause }: RefusalDetail = {}) {
    const [status, sentence] = REFUSALS[code];
    super(detail === undefined ? sentence : `${sentence} (${detail})`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.headers = headers;
    this.fields = fields;
  }
}

/**
 * The answer to a refused request: `{ ok: false, error, code }`. The SDK is told not to send it again
 * as it was, unless time alone may mend it.
 */
export function refusalResponse({ code, message, status, headers, fields }: Refusal): Response {
  const passing = status === 408 || status === 429 || status >= 500;
  return Response.json({ ok: false, error: message, code, ...fields }, {
    status,
    headers: {
      // A CDN before the proxy may keep errors that say nothing (CloudFront, for seconds), for callers who did not earn them.
      "cache-control": "no-store",
      ...(passing ? {} : { "x-should-retry": "false" }),
      // Whose body never ends would have it kept for as long as the connection is (RFC 9110 §15.5.9).
      ...(status === 408 ? { connection: "close" } : {}),
      ...headers,
    },
  });
}
