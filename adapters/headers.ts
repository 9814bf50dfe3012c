/**
 * Signals from request headers, for a reverse proxy of your own: nginx, HAProxy, Envoy, Caddy, or a
 * CDN that sets headers towards this proxy. A header can be sent by anybody, so none is believed
 * without a proof that the request came through the one that sets it.
 *
 * @module
 */
import type { Json, Platform, Signals } from "../src/trust.ts";
import { type Kind, kindOf, parseField, type Source } from "./_fields.ts";
import { isHeaderName, type Proof, type ProofCheck, toCheck } from "./_proof.ts";

export { socket } from "./_socket.ts";
export { CADDY_MAP, ENVOY_MAP, HAPROXY_MAP, NGINX_MAP } from "./_proxy_maps.ts";
export type { FieldName, Kind, Source } from "./_fields.ts";
export type { Proof, ProofCheck } from "./_proof.ts";

/** What {@link headers} can be told. */
export interface HeadersOptions<M extends Readonly<Record<string, Source>> = Readonly<Record<string, Source>>> {
  /** Field → header. The proxy in front must set each of them on each request, not add to what the client sent. */
  readonly map: M;
  /** A secret in a header, or one of the checks of `edgestamp/proofs`. */
  readonly proof?: Proof | ProofCheck;
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
  read(request: Request, platform?: Platform): { readonly [field in F]?: Json } | null;
}

/** The same behind a proof that is not a secret: checking it may take its time. */
export interface ProvenHeadersProvider<F extends string = string> {
  readonly name: string;
  readonly consumes: readonly string[];
  read(request: Request, platform?: Platform): Promise<{ readonly [field in F]?: Json } | null>;
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
 *   proof: { header: "x-origin-proof", secret: process.env.EDGE_PROOF_SECRET! },
 * });
 * ```
 */
export function headers<const M extends Readonly<Record<string, Source>>>(
  options: HeadersOptions<M> & { readonly proof?: Proof },
): HeadersProvider<Extract<keyof M, string>>;
/** The same with a check that answers later, as a signature's does. */
export function headers<const M extends Readonly<Record<string, Source>>>(
  options: HeadersOptions<M>,
): ProvenHeadersProvider<Extract<keyof M, string>>;
export function headers(options: HeadersOptions): HeadersProvider | ProvenHeadersProvider {
  const { map, proof, assumeTopology = false, withoutProof = "refuse", name = "headers" } = options;
  const fields = Object.entries(map).map(([field, source]) => toField(field, source));
  if (proof === undefined && assumeTopology !== true) {
    throw new TypeError(
      "Cannot believe headers without a proof: set `proof`, or `assumeTopology: true` where nobody else can reach this server",
    );
  }
  const check = proof && toCheck(proof);
  const readProven = (request: Request, isProven: boolean): Signals | null => {
    if (isProven) return readFields(fields, request.headers);
    if (withoutProof === "null") return null;
    throw new Error(`${name}: the proof is absent or wrong`);
  };
  const consumes = [...new Set([...fields.map(({ header }) => header), ...(check?.consumes ?? [])])];
  const read = (request: Request, platform?: Platform): Signals | null | Promise<Signals | null> => {
    const verdict = check === undefined ? true : check.verify(request, platform);
    if (typeof verdict === "boolean") return readProven(request, verdict);
    return verdict.then((isProven) => readProven(request, isProven === true));
  };
  return { name, consumes, read: read as HeadersProvider["read"] };
}

interface Field {
  readonly field: string;
  readonly header: string;
  readonly pick: Exclude<Source, string>["pick"];
  readonly kind: Kind;
  readonly notRun: readonly string[];
}

function readFields(fields: readonly Field[], given: Headers): Signals {
  const signals: Record<string, Json> = {};
  for (const { field, header, pick, kind, notRun } of fields) {
    const whole = given.get(header);
    const value = parseField(whole === null || pick === undefined ? whole : pick(whole) ?? null, kind, notRun);
    if (value !== undefined) signals[field] = value;
  }
  return signals;
}

/** A token has no place in metadata, and consumed, it would be missing upstream. */
const NOT_SIGNALS = ["authorization", "cookie", "x-edge-pass"];

function toField(field: string, source: Source): Field {
  const { header, pick, as, notRun = [] } = typeof source === "string"
    ? { header: source } as Exclude<Source, string>
    : source;
  if (!isHeaderName(header) || NOT_SIGNALS.includes(header.toLowerCase())) {
    throw new TypeError(`Cannot use option \`map.${field}\`: give the name of a header that carries a signal`);
  }
  return { field, header: header.toLowerCase(), pick, kind: kindOf(field, as), notRun };
}
