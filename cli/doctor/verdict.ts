/**
 * What the doctor says of one matter.
 *
 * @module
 */
import type { World } from "./world.ts";

/** Whether something holds: it does, it does not, or it could not be told. */
export type Result = "holds" | "broken" | "unknown";

/** A result, and one sentence: why, and what to do. Never with a token or a key in it. */
export interface Verdict {
  readonly result: Result;
  readonly why: string;
}

/** One row of the table. */
export interface Check {
  /** One word, by which `--skip` calls it and `docs/doctor.md` explains it. */
  readonly name: string;
  judge(world: World): Promise<Verdict>;
}

export const holds = (why: string): Verdict => ({ result: "holds", why });
export const broken = (why: string): Verdict => ({ result: "broken", why });
export const unknown = (why: string): Verdict => ({ result: "unknown", why });

/** What cannot be told without the secret key, and what of it was seen. */
export function needsInside(what: string): Verdict {
  return unknown(`${what} can be seen only behind the proxy: give --secret-key, or set TRIGGER_SECRET_KEY.`);
}

/** `a, b and c`. */
export function list(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
