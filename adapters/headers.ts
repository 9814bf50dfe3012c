/**
 * Signals from request headers, for a reverse proxy of your own: nginx, HAProxy, Envoy, Caddy, or a
 * CDN that sets headers towards this proxy. A header can be sent by anybody, so none is believed
 * without a proof that the request came through the one that sets it.
 *
 * @module
 */
import type { Json, Signals } from "../src/trust.ts";
import { type Kind, kindOf, parseField } from "./_fields.ts";
import { secretMatcher, weakness } from "./_secret.ts";

export { socket } from "./_socket.ts";
export type { FieldName, Kind } from "./_fields.ts";

/** Where a field comes from: a header's name, or the name and how its value is read. */
export type Source = string | {
  readonly header: string;
  /** How it is read. Default: as the vocabulary says for this field, else `string`. */
  readonly as?: Kind;
  /** Values by which the sender says "not run", beside `""` and `-`, as they are sent. */
  readonly notRun?: readonly string[];
};

/** What has to come with each request before its headers are believed. */
export interface Proof {
  /** The header that carries it. */
  readonly header: string;
  /** The secret: 32 characters or more. Two are accepted at once while one replaces the other. */
  readonly secret: string | readonly [string, string];
}

/** What {@link headers} can be told. */
export interface HeadersOptions<M extends Readonly<Record<string, Source>> = Readonly<Record<string, Source>>> {
  /** Field → header. The proxy in front must set each of them on each request, not add to what the client sent. */
  readonly map: M;
  readonly proof?: Proof;
  /** Says that this server cannot be reached but through the one that sets the headers. Then no proof is needed. */
  readonly assumeTopology?: boolean;
  /** What happens where the proof is absent or wrong: throw (the default), or say `null`. Headers are never read. */
  readonly withoutProof?: "refuse" | "null";
  /** The provider's name in logs. Default `headers`. */
  readonly name?: string;
}

/** A header-reading provider: a trust provider with a name and what it consumes. */
export interface HeadersProvider<F extends string = string> {
  readonly name: string;
  readonly consumes: readonly string[];
  read(request: Request): { readonly [field in F]?: Json } | null;
}

/**
 * Reads signals from headers. Each field has one of three states:
 * - absent (no such header, one that does not parse, or one that came twice): the field is left out;
 * - not run (empty, `-`, a value of `notRun`, ASN 0, country `XX`): `null`;
 * - a finding, a negative one included: its value.
 *
 * The mapped headers and the proof never go upstream. Throws a `TypeError` of one line for a map or a
 * proof that cannot be used, and where there is neither a proof nor `assumeTopology`.
 *
 * ```ts
 * headers({
 *   map: { ip: "x-real-ip", country: "x-geo-country", ja4: { header: "x-tls-fp", as: "ja4" } },
 *   proof: { header: "x-origin-proof", secret: process.env.EDGE_PROOF_SECRET },
 * });
 * ```
 */
export function headers<const M extends Readonly<Record<string, Source>>>(
  options: HeadersOptions<M>,
): HeadersProvider<Extract<keyof M, string>> {
  const { map, proof, assumeTopology = false, withoutProof = "refuse", name = "headers" } = options;
  const fields = Object.entries(map).map(([field, source]) => toField(field, source));
  if (proof === undefined && assumeTopology !== true) {
    throw new TypeError(
      "Cannot believe headers without a proof: set `proof`, or `assumeTopology: true` where nobody else can reach this server",
    );
  }
  const isProven = proof === undefined ? () => true : proofReader(proof);
  const read = (request: Request): Signals | null => {
    if (isProven(request.headers)) return readFields(fields, request.headers);
    if (withoutProof === "null") return null;
    throw new Error(`${name}: the proof is absent or wrong`);
  };
  const consumes = [...fields.map(({ header }) => header), ...(proof ? [proof.header.toLowerCase()] : [])];
  return { name, consumes: [...new Set(consumes)], read: read as HeadersProvider["read"] };
}

interface Field {
  readonly field: string;
  readonly header: string;
  readonly kind: Kind;
  readonly notRun: readonly string[];
}

function readFields(fields: readonly Field[], given: Headers): Signals {
  const signals: Record<string, Json> = {};
  for (const { field, header, kind, notRun } of fields) {
    const value = parseField(given.get(header), kind, notRun);
    if (value !== undefined) signals[field] = value;
  }
  return signals;
}

/** A token has no place in metadata, and consumed, it would be missing upstream. */
const NOT_SIGNALS = ["authorization", "cookie", "x-edge-pass"];

function toField(field: string, source: Source): Field {
  const { header, as, notRun = [] } = typeof source === "string"
    ? { header: source } as Exclude<Source, string>
    : source;
  if (!isHeaderName(header) || NOT_SIGNALS.includes(header.toLowerCase())) {
    throw new TypeError(`Cannot use option \`map.${field}\`: give the name of a header that carries a signal`);
  }
  return { field, header: header.toLowerCase(), kind: kindOf(field, as), notRun };
}

function proofReader({ header, secret }: Proof): (given: Headers) => boolean {
  if (!isHeaderName(header)) throw new TypeError("Cannot use option `proof.header`: give the name of a header");
  const secrets = typeof secret === "string" ? [secret] : secret;
  const why = Array.isArray(secrets) && secrets.length > 0 ? secrets.map(weaknessOf).find(Boolean) : "is absent";
  if (why !== undefined) throw new TypeError(`Cannot use option \`proof.secret\`: it ${why}`);
  const matches = secretMatcher(secrets);
  return (given) => matches(given.get(header));
}

function weaknessOf(secret: unknown): string | undefined {
  return typeof secret === "string" ? weakness(secret) : "is not text";
}

function isHeaderName(name: unknown): boolean {
  return typeof name === "string" && /^[!#$%&'*+.^`|~\w-]+$/.test(name);
}
