/**
 * What the proxies under test stamp, and how a test steers their trust provider. Shared by the
 * servers, whatever they run on, and by the tests that judge what reached the upstream.
 */
import type { Signals } from "../../mod.ts";

/** What every stamp holds unless a test asks for something else. */
export const SIGNALS: Readonly<Record<string, string | number>> = {
  botScore: 97,
  ja4: "t13d1516h2_8daaf6152771_b186095e22b6",
  asn: 64496,
  country: "NL",
};

/** The namespace of every proxy under test. */
export const NAMESPACE = "__edge";

/** The request header that steers the provider: `null`, `throw`, `late`, or `wait <milliseconds>`. */
export const STEER = "x-test-trust";

/** The trust provider of every proxy under test. */
export async function readTestSignals(request: Request): Promise<Signals | null> {
  const steer = request.headers.get(STEER) ?? "";
  if (steer === "null") return null;
  if (steer === "throw") throw new Error("the provider under test was told to throw");
  if (steer === "late") return new Promise(() => {});
  const waitMs = Number(/^wait (\d+)$/.exec(steer)?.[1] ?? 0);
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  return SIGNALS;
}
