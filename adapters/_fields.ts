/**
 * The vocabulary of signals that come as header text, and how each kind of value is read.
 *
 * @module
 */
import type { Json } from "../src/trust.ts";
import { parseIp } from "./_ip.ts";

/** How a value is read from text. Whatever does not parse counts as absent. */
export type Kind =
  /** Text as it is; UTF-8 where the bytes are. At most 256 characters. */
  | "string"
  /** The same, but a comma is the sender's own, as in `Example, Inc.`: only where it sets the header, never adds to it. */
  | "text"
  /** Text that the sender percent-encoded, as CloudFront and Vercel do with cities. */
  | "percent"
  /** A decimal number, with or without a fraction. */
  | "number"
  /** A whole decimal number. */
  | "integer"
  /** `true`, `false`, `1` or `0`. */
  | "boolean"
  /** 1 (a bot) to 99 (a human), as Cloudflare counts; `0` says that nothing was scored. */
  | "botScore"
  /** 0 (a human) to 100 (a bot), as Akamai counts: turned round into the above. */
  | "botScoreFromHuman"
  /** ISO 3166-1 alpha-2 in capitals; `XX`, `ZZ` and `T1` say that there is none. */
  | "country"
  /** 1 to 4294967295, with or without `AS` before it; `0` says that there is none. */
  | "asn"
  /** An MD5 in hex. */
  | "ja3"
  /** As FoxIO defines it: 36 characters in three parts. */
  | "ja4"
  /** One address; port, brackets and zone are dropped. */
  | "ip";

/** Where a field comes from: a header's name, or the name and how its value is read. */
export type Source = string | {
  readonly header: string;
  /** Takes the field's part out of a header that carries several. `undefined` where it has none. */
  readonly pick?: (value: string) => string | undefined;
  /** How it is read. Default: as the vocabulary says for this field, else `string`. */
  readonly as?: Kind;
  /** Values by which the sender says "not run", beside `""` and `-`, as they are sent. */
  readonly notRun?: readonly string[];
};

/** A field that is known by name, in the words of the reference Worker and of Cloudflare's `request.cf`. */
export type FieldName =
  | "ip"
  | "country"
  | "isEUCountry"
  | "continent"
  | "region"
  | "regionCode"
  | "city"
  | "postalCode"
  | "timezone"
  | "latitude"
  | "longitude"
  | "asn"
  | "asOrganization"
  | "proxyType"
  | "proxyDescription"
  | "botScore"
  | "botName"
  | "botCategory"
  | "verifiedBot"
  | "verifiedBotCategory"
  | "jsDetectionPassed"
  | "corporateProxy"
  | "isAnonymous"
  | "isAnonymousVpn"
  | "isHostingProvider"
  | "isPublicProxy"
  | "isResidentialProxy"
  | "isTorExitNode"
  | "colo"
  | "ja3"
  | "ja4"
  | "tlsVersion"
  | "tlsCipher"
  | "httpProtocol";

/** How each of them is read. A score that counts otherwise than `botScore` does has a name of its own. */
export const FIELDS: Readonly<Record<FieldName, Kind>> = {
  ip: "ip",
  country: "country",
  isEUCountry: "boolean",
  continent: "string",
  region: "string",
  regionCode: "string",
  city: "string",
  postalCode: "string",
  timezone: "string",
  latitude: "number",
  longitude: "number",
  asn: "asn",
  asOrganization: "string",
  proxyType: "string",
  proxyDescription: "string",
  botScore: "botScore",
  botName: "string",
  botCategory: "string",
  verifiedBot: "boolean",
  verifiedBotCategory: "string",
  jsDetectionPassed: "boolean",
  corporateProxy: "boolean",
  isAnonymous: "boolean",
  isAnonymousVpn: "boolean",
  isHostingProvider: "boolean",
  isPublicProxy: "boolean",
  isResidentialProxy: "boolean",
  isTorExitNode: "boolean",
  colo: "string",
  ja3: "ja3",
  ja4: "ja4",
  tlsVersion: "string",
  tlsCipher: "string",
  httpProtocol: "string",
};

const STRING_CHARACTERS = 256;

/** A value that its sender looked for and did not have, or did not look for: Envoy's `-`, a VCL variable that is empty. */
const NOT_RUN = new Set(["", "-"]);

const BOOLEANS = new Map([["true", true], ["1", true], ["false", false], ["0", false]]);

type Parser = (text: string) => Json | undefined;

const PARSERS: Readonly<Record<Kind, Parser>> = {
  string: (text) => shortened(decodeUtf8(text)),
  text: (text) => shortened(decodeUtf8(text)),
  percent: (text) => shortened(decodePercent(text)),
  number: (text) => /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : undefined,
  integer: (text) => /^-?\d{1,15}$/.test(text) ? Number(text) : undefined,
  boolean: (text) => BOOLEANS.get(text.toLowerCase()),
  botScore: (text) => /^\d{1,2}$/.test(text) ? Number(text) || null : undefined,
  // Both ends are findings here; 0 would say that nothing was scored.
  botScoreFromHuman: (text) =>
    /^(?:\d{1,2}|100)$/.test(text) ? Math.min(99, Math.max(1, 100 - Number(text))) : undefined,
  country: (text) => /^(?:XX|ZZ|T1)$/i.test(text) ? null : matching(text.toUpperCase(), /^[A-Z]{2}$/),
  asn: parseAsn,
  ja3: (text) => matching(text, /^[\da-f]{32}$/),
  ja4: (text) => matching(text, /^[tqd](?:1[0-3]|s[23]|d[123]|00)[di]\d{4}[\dA-Za-z]{2}_[\da-f]{12}_[\da-f]{12}$/),
  ip: parseIp,
};

/** How a field is read where nothing else is said. Throws a `TypeError` for a kind that there is not. */
export function kindOf(field: string, as: Kind | undefined): Kind {
  const kind = as ?? (Object.hasOwn(FIELDS, field) ? FIELDS[field as FieldName] : "string");
  if (!Object.hasOwn(PARSERS, kind)) {
    throw new TypeError(`Cannot use option \`map.${field}.as\`: give one of ${Object.keys(PARSERS).join(", ")}`);
  }
  return kind;
}

/**
 * Reads one header's value: the value; `null` for one that says "not run" (empty, `-`, or one of
 * `notRun`); `undefined` for one that is absent or does not parse. A header that came twice is joined
 * by a comma, and which of the two is whose cannot be told: so a comma makes a value
 * absent, but for the kind `text`.
 */
export function parseField(value: string | null, kind: Kind, notRun: readonly string[] = []): Json | undefined {
  if (value === null || (kind !== "text" && value.includes(","))) return undefined;
  const text = value.trim();
  return NOT_RUN.has(text) || notRun.includes(text) ? null : PARSERS[kind](text);
}

function matching(text: string, pattern: RegExp): string | undefined {
  return pattern.test(text) ? text : undefined;
}

function parseAsn(text: string): number | null | undefined {
  const digits = /^(?:AS)?(\d{1,10})$/i.exec(text)?.[1];
  if (digits === undefined || Number(digits) > 0xffff_ffff) return undefined;
  return Number(digits) || null;
}

function shortened(text: string | undefined): string | undefined {
  return text !== undefined && text.length <= STRING_CHARACTERS ? text : undefined;
}

/** Runtimes give a header's bytes as one character each; most senders meant UTF-8. What is not UTF-8 stays Latin-1. */
function decodeUtf8(text: string): string {
  // deno-lint-ignore no-control-regex
  if (!/[\x80-\xff]/.test(text) || /[^\x00-\xff]/.test(text)) return text;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  } catch {
    return text;
  }
}

function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
