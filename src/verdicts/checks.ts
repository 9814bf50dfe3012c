/**
 * What the captcha services have in common to be checked: options at the start, answers later.
 *
 * @module
 */
import { NoAnswer, Refused } from "./failures.ts";

/** Whether a `siteverify` answer vouches for its token. */
export function wasSolved(answer: Readonly<Record<string, unknown>>): boolean {
  const { success } = answer;
  if (typeof success !== "boolean") throw new NoAnswer("the answer is of another kind", { passing: false });
  return success;
}

/** Checks the page that a token is from. */
export function checkHostname(hostname: unknown, hostnames: readonly string[]): string {
  if (typeof hostname !== "string" || !hostnames.includes(hostname.toLowerCase())) {
    throw new Refused("the challenge was solved on another page: see the option `hostnames`");
  }
  return hostname;
}

/** Checks the action that a token is for. */
export function checkAction(action: unknown, expected: string): string {
  if (action !== expected) throw new Refused("the challenge was solved for another action: see the option `action`");
  return expected;
}

/** The list of names, as they are compared. */
export function readHostnames(service: string, hostnames: readonly string[]): readonly string[] {
  const usable = Array.isArray(hostnames) && hostnames.length > 0 &&
    hostnames.every((name) => typeof name === "string" && /^[a-z0-9.-]+$/i.test(name));
  if (!usable) throw new TypeError(unusable(service, "hostnames", "the names of your pages, such as app.example.com"));
  return hostnames.map((name) => name.toLowerCase());
}

/** A secret, a key or a name that has to be there. */
export function readText(service: string, option: string, value: unknown): string {
  if (typeof value !== "string" || value.trim() === "" || /\s/.test(value)) {
    throw new TypeError(unusable(service, option, "what the service's dashboard shows"));
  }
  return value;
}

/** Refuses a secret that everybody knows, unless the options ask for it. */
export function refuseTestKey(service: string, option: string, isTestKey: boolean, allowed: boolean | undefined): void {
  if (isTestKey && allowed !== true) {
    throw new TypeError(
      `Cannot use option \`${option}\` of ${service}(): it is a published test key, which proves nothing; give your own, or allowTestKeys in tests`,
    );
  }
}

/** When a challenge was solved, in seconds; now, where the service does not say. */
export function readTime(value: unknown, nowSeconds: number): number {
  const time = typeof value === "string" ? Date.parse(value) / 1000 : Number.NaN;
  // A clock ahead of ours must not make a verdict last longer.
  return Number.isFinite(time) ? Math.min(Math.floor(time), nowSeconds) : nowSeconds;
}

/** What errors a service names, as one text: codes, never values. */
export function codes(value: unknown): string {
  const list = Array.isArray(value)
    ? value.filter((code) => typeof code === "string" && /^[\w-]{1,64}$/.test(code))
    : [];
  return list.length === 0 ? "no reason" : list.join(", ");
}

/** An option that cannot be used, in one line. */
export function unusable(service: string, option: string, mend: string): string {
  return `Cannot use option \`${option}\` of ${service}(): give ${mend}`;
}
