/**
 * The four signals of Trigger.dev's page "Trusted edge signals", from `request.cf`. By themselves, because
 * the ready Worker's bundle has no more than these.
 *
 * @module
 */
import type { Reader } from "../src/trust.ts";
import { CLOUDFLARE_CONSUMED } from "./_cloudflare_headers.ts";

/** The four fields, and what the page's Worker writes where they are absent. */
export const REFERENCE = { botScore: 0, ja4: "", asn: 0, country: "" } as const;

type Members = Readonly<Record<string, unknown>>;

/** `request.cf`, which is absent in previews. */
export function cf(request: Request): Members {
  return object((request as { cf?: unknown }).cf);
}

/** What Bot Management says. */
export function botManagement(request: Request): Members {
  return object(cf(request)["botManagement"]);
}

/** An object, or an empty one. */
export function object(value: unknown): Members {
  return typeof value === "object" && value !== null ? value as Members : {};
}

/** Cloudflare writes "" for what a connection does not have, such as a TLS version without TLS. */
export function string(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A number that is one. */
export function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The signals of the ready Worker: what `cloudflare()` reads without options. */
export const REFERENCE_READER: Reader & { read(request: Request): ReferenceSignals } = {
  name: "cloudflare",
  consumes: new Set(CLOUDFLARE_CONSUMED),
  read(request) {
    const { score, ja4 } = botManagement(request);
    const { asn, country } = cf(request);
    return {
      botScore: number(score) ?? REFERENCE.botScore,
      ja4: string(ja4) ?? REFERENCE.ja4,
      asn: number(asn) ?? REFERENCE.asn,
      country: string(country) ?? REFERENCE.country,
    };
  },
};

type ReferenceSignals = {
  readonly botScore: number;
  readonly ja4: string;
  readonly asn: number;
  readonly country: string;
};
