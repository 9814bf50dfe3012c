/**
 * The one vocabulary of all providers, as a valibot schema: what any of them can say, in the same words.
 *
 * A field has one of three states: absent (left out: the platform has no such signal, or it did not
 * parse), not run (`null`: the platform looked and has nothing, or did not look), or a finding, a
 * negative one such as `verifiedBot: false` included.
 *
 * The schema is a Standard Schema, so an agent can take it as it is:
 *
 * ```ts ignore
 * import { edgeSignals } from "edgestamp/signals";
 *
 * edgeAgent({ chat, keys, signals: edgeSignals });
 * ```
 *
 * The ready Cloudflare Worker is an exception: it writes `0` and `""` for what is not known, as Trigger.dev's page does,
 * and that is no finding here. With it, name the page's four fields in a schema of your own.
 *
 * @module
 */
import * as v from "valibot";
import type { Json, Signals } from "../src/trust.ts";
import { type FieldName, FIELDS, type Kind } from "./_fields.ts";

export type { FieldName } from "./_fields.ts";

type Numeric = "asn" | "botScore" | "latitude" | "longitude";
type Flag =
  | "isEUCountry"
  | "verifiedBot"
  | "jsDetectionPassed"
  | "corporateProxy"
  | "isAnonymous"
  | "isAnonymousVpn"
  | "isHostingProvider"
  | "isPublicProxy"
  | "isResidentialProxy"
  | "isTorExitNode";

/** What a field of this name holds where it is a finding. */
export type FieldValue<F extends FieldName> = F extends Numeric ? number : F extends Flag ? boolean : string;

/** The vocabulary: every field may be absent (left out), not run (`null`), or a finding. */
export type EdgeSignals = { readonly [F in FieldName]?: FieldValue<F> | null };

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(256));

/** A JA4 as FoxIO defines it. */
const JA4 = /^[tqd](?:1[0-3]|s[23]|d[123]|00)[di]\d{4}[\dA-Za-z]{2}_[\da-f]{12}_[\da-f]{12}$/;

const score = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99));

const KINDS: Readonly<Record<Kind, v.GenericSchema>> = {
  string: text,
  text,
  percent: text,
  number: v.pipe(v.number(), v.finite()),
  integer: v.pipe(v.number(), v.integer()),
  boolean: v.boolean(),
  botScore: score,
  botScoreFromHuman: score,
  country: v.pipe(v.string(), v.regex(/^(?:[A-Z]{2}|T1)$/)),
  asn: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff)),
  ja3: v.pipe(v.string(), v.regex(/^[\da-f]{32}$/)),
  ja4: v.pipe(v.string(), v.regex(JA4)),
  ip: v.pipe(v.string(), v.ip()),
};

const FIELD_SCHEMAS = /* @__PURE__ */ Object.fromEntries(
  Object.entries(FIELDS).map(([field, kind]) => [field, v.optional(v.nullable(KINDS[kind]))]),
);

/** Checks signals against the vocabulary. Fields of other names are kept as they are. */
export const edgeSignals: v.GenericSchema<EdgeSignals & Signals> = /* @__PURE__ */ v.looseObject(
  FIELD_SCHEMAS,
) as unknown as v.GenericSchema<EdgeSignals & Signals>;

/** The same, and a field that the vocabulary does not have is an error. */
export const edgeSignalsOnly: v.GenericSchema<EdgeSignals> = /* @__PURE__ */ v.strictObject(
  FIELD_SCHEMAS,
) as unknown as v.GenericSchema<EdgeSignals>;

/**
 * Brings values that a platform hands over as objects into the vocabulary: what is `undefined` or of
 * another type than the field's is left out, `null` and what is among `notRun` is `null`.
 */
export function toSignals<F extends FieldName>(
  values: Readonly<Record<F, unknown>>,
  notRun: readonly unknown[] = [],
): { readonly [G in F]?: FieldValue<G> | null } {
  const signals: Record<string, Json> = {};
  for (const [field, value] of Object.entries(values) as [F, unknown][]) {
    const told = notRun.includes(value) ? null : value;
    if (told === null || v.is(KINDS[FIELDS[field]], told)) signals[field] = told as Json;
  }
  return signals as { readonly [G in F]?: FieldValue<G> | null };
}
