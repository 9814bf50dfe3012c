/**
 * What a Worker can read of the caller, and where it stands.
 * (https://developers.cloudflare.com/workers/runtime-apis/request/#incomingrequestcfproperties,
 * https://developers.cloudflare.com/bots/reference/bot-management-variables/)
 *
 * @module
 */
import { botManagement, cf, number, object, string } from "./_cloudflare_reference.ts";
import { parseIp } from "./_ip.ts";

/** The signals of a Worker by name. A type alias, so that a selection of them is plain JSON to the compiler. */
export type CloudflareSignals = {
  /** 1 (a bot) to 99 (a human); 0: Bot Management did not run. With Bot Management. */
  readonly botScore: number | null;
  /** A bot that Cloudflare knows and vouches for, such as a search engine's. With Bot Management. */
  readonly verifiedBot: boolean | null;
  readonly verifiedBotCategory: string | null;
  /** Whether JavaScript Detections passed; `false` also where they have not run yet. */
  readonly jsDetectionPassed: boolean | null;
  readonly corporateProxy: boolean | null;
  /** MD5 in hex. With Bot Management, over TLS. */
  readonly ja3: string | null;
  readonly ja4: string | null;
  readonly asn: number | null;
  readonly asOrganization: string | null;
  /** ISO 3166-1 alpha-2, or `T1` for Tor. */
  readonly country: string | null;
  readonly isEUCountry: boolean | null;
  readonly continent: string | null;
  readonly region: string | null;
  readonly regionCode: string | null;
  readonly city: string | null;
  readonly postalCode: string | null;
  readonly timezone: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** The data centre that answers, by its airport. */
  readonly colo: string | null;
  readonly tlsVersion: string | null;
  readonly tlsCipher: string | null;
  readonly httpProtocol: string | null;
  /** From `CF-Connecting-IP`, which Cloudflare sets before a Worker runs. */
  readonly ip: string | null;
};

/** A signal of a Worker. */
export type CloudflareField = keyof CloudflareSignals;

type Value = string | number | boolean | undefined;

/** How each is read. `undefined` where it is absent; `cf` itself is absent in previews. */
export const CLOUDFLARE_FIELDS: Readonly<Record<CloudflareField, (request: Request) => Value>> = {
  botScore: (request) => number(botManagement(request)["score"]),
  ja4: (request) => string(botManagement(request)["ja4"]),
  asn: (request) => number(cf(request)["asn"]),
  country: (request) => string(cf(request)["country"]),
  verifiedBot: (request) => boolean(botManagement(request)["verifiedBot"]),
  verifiedBotCategory: (request) => string(cf(request)["verifiedBotCategory"]),
  jsDetectionPassed: (request) => boolean(object(botManagement(request)["jsDetection"])["passed"]),
  corporateProxy: (request) => boolean(botManagement(request)["corporateProxy"]),
  ja3: (request) => string(botManagement(request)["ja3Hash"]),
  asOrganization: (request) => string(cf(request)["asOrganization"]),
  // "1" or absent: where the country is known, absent says no.
  isEUCountry: (request) =>
    string(cf(request)["country"]) === undefined ? undefined : cf(request)["isEUCountry"] === "1",
  continent: (request) => string(cf(request)["continent"]),
  region: (request) => string(cf(request)["region"]),
  regionCode: (request) => string(cf(request)["regionCode"]),
  city: (request) => string(cf(request)["city"]),
  postalCode: (request) => string(cf(request)["postalCode"]),
  timezone: (request) => string(cf(request)["timezone"]),
  // Text such as "30.27130".
  latitude: (request) => decimal(cf(request)["latitude"]),
  longitude: (request) => decimal(cf(request)["longitude"]),
  colo: (request) => string(cf(request)["colo"]),
  tlsVersion: (request) => string(cf(request)["tlsVersion"]),
  tlsCipher: (request) => string(cf(request)["tlsCipher"]),
  httpProtocol: (request) => string(cf(request)["httpProtocol"]),
  ip: (request) => parseIp(request.headers.get("cf-connecting-ip") ?? ""),
};

function boolean(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function decimal(value: unknown): number | undefined {
  return typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
}
