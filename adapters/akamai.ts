/**
 * Akamai: what a property sends to its origin. Which headers it sets is the property's configuration
 * (Content Targeting, Bot Manager, True Client IP), so each is named, and all are behind a proof: a
 * request header with a secret that the property sets towards the origin.
 *
 * ```ts
 * import { akamai } from "edgestamp/akamai";
 *
 * akamai({
 *   headers: ["true-client-ip", "x-akamai-edgescape", "akamai-bot"],
 *   proof: { header: "x-edgestamp-proof", secret: process.env.EDGE_PROOF_SECRET! },
 * });
 * ```
 *
 * @module
 */
import { brings, declared, type DeclaredOptions, type HeaderFields } from "./_declared.ts";
import type { FieldName, ProvenHeadersProvider } from "./headers.ts";

export type { DeclaredOptions } from "./_declared.ts";
export type { FieldName, Proof, ProofCheck, ProvenHeadersProvider } from "./headers.ts";

/**
 * A header of Akamai's that carries signals. A client may send its own `True-Client-IP` even through
 * Akamai, unless the property has "Allow Clients To Set True-Client-IP" off.
 */
export type AkamaiHeader = "true-client-ip" | "x-akamai-edgescape" | "akamai-bot";

const EDGESCAPE = "x-akamai-edgescape";
const BOT = "akamai-bot";

/** What EdgeScape says of an address that belongs to nobody. */
const NOWHERE = ["reserved"];

const HEADERS: Readonly<Record<AkamaiHeader, HeaderFields>> = {
  "true-client-ip": brings("true-client-ip", "ip")["true-client-ip"]!,
  // k=v pairs (https://techdocs.akamai.com/property-mgr/docs/content-tgting)
  [EDGESCAPE]: {
    country: edgescape("country_code"),
    regionCode: edgescape("region_code"),
    city: edgescape("city"),
    postalCode: edgescape("zip"),
    continent: edgescape("continent"),
    timezone: edgescape("timezone"),
    latitude: edgescape("lat"),
    longitude: edgescape("long"),
    asn: edgescape("asnum"),
    asOrganization: edgescape("network"),
  },
  // name (id):action:detection:score:segment, as seen; Akamai documents no format.
  [BOT]: {
    botName: { header: BOT, pick: (value) => bot(value)?.[1] },
    botScore: { header: BOT, pick: (value) => bot(value)?.[2], as: "botScoreFromHuman" },
  },
};

/**
 * Reads the named headers, behind a proof. States and errors are those of `headers`: `reserved` is
 * `null`. The bot score, 0 for a human to 100 for a bot, is turned round into 99 to 1.
 */
export function akamai(options: DeclaredOptions<AkamaiHeader>): ProvenHeadersProvider<FieldName> {
  return declared("akamai", HEADERS, options);
}

function edgescape(key: string): Exclude<HeaderFields["city"], undefined> {
  return { header: EDGESCAPE, pick: (value) => member(value, key), notRun: NOWHERE };
}

/**
 * One pair's value; of several codes or numbers (`10001+10002`) the first. A header that came twice is
 * nobody's, the pairs too that only one of the two has: it shows in a key that repeats, and in the white
 * space by which lines are joined, which EdgeScape itself never writes.
 */
function member(value: string, key: string): string | undefined {
  const pairs = value.split(",").map((pair) => pair.split("="));
  const names = new Set(pairs.map(([name]) => name));
  if (names.size < pairs.length || names.has("") || /,\s|\s,/.test(value)) return undefined;
  return pairs.find(([name, given]) => name === key && given !== undefined)?.slice(1).join("=").replace(
    /^([\d-]+)\+.*/,
    "$1",
  );
}

function bot(value: string): readonly string[] | null {
  return /^([^:,]{1,256}?)(?: \([^:,]*\))?:[^:,]*:[^:,]*:(\d{1,3}):[^:,]*$/.exec(value);
}
