/**
 * The examination: one check after another, within a time.
 *
 * @module
 */
import { CHECKS } from "./checks/index.ts";
import type { DoctorOptions } from "./options.ts";
import { stampOpener } from "../../src/agent/open.ts";
import { stampedSignals } from "./stamp.ts";
import { type Check, type Result, unknown, type Verdict } from "./verdict.ts";
import { type Answer, createWire } from "./wire.ts";
import { meet, type World } from "./world.ts";

/** A check that was made. */
export interface Judged extends Verdict {
  readonly name: string;
}

/** What came of it all. */
export interface Findings {
  readonly url: string;
  readonly namespace: string | undefined;
  /** Whether what arrived could be read, or only what was answered. */
  readonly view: "inside" | "outside";
  /** What the doctor's own message was stamped with; `undefined` where that was not seen. */
  readonly signals?: unknown;
  readonly checks: readonly Judged[];
  /** Whether the time was up, or somebody interrupted it, before the last check. */
  readonly isCut: boolean;
}

/** Called as each check begins: its name, and which of how many it is. */
export type Progress = (name: string, number: number, of: number) => void;

/** One request may take this long. */
const REQUEST_MS = 10_000;

/** Examines a deployment, until `stop` at the latest; what was made is ended then, too. Throws `Unusable`, or a `TypeError` of one line, where what was given cannot be used. */
export async function examine(options: DoctorOptions, progress: Progress, stop: AbortSignal): Promise<Findings> {
  if (options.keys !== undefined) stampOpener(options.keys, options.issuer, options.audience);
  const deadline = AbortSignal.any([AbortSignal.timeout(options.timeoutMs), stop]);
  const wire = createWire(options.url, deadline, REQUEST_MS);
  const wanted = CHECKS.filter(({ name }) => !options.skip.includes(name));
  progress("meeting the proxy", 0, wanted.length);
  const world = await meet(wire, options, deadline);
  try {
    const checks: Judged[] = [];
    let lacks: string | undefined;
    for (const [at, check] of wanted.entries()) {
      progress(check.name, at + 1, wanted.length);
      const verdict = lacks === undefined ? await judge(check, world, deadline) : unknown(lacks);
      checks.push({ name: check.name, ...verdict });
      if (check.name === "service" && verdict.result === "broken") {
        lacks = "Nothing can be told while the service does not work.";
      }
    }
    return {
      url: options.url.href.replace(/\/$/, ""),
      namespace: world.namespace,
      view: world.inside === undefined ? "outside" : "inside",
      signals: await stampedSignals(world),
      checks,
      isCut: deadline.aborted,
    };
  } finally {
    await world.inside?.close();
  }
}

async function judge(check: Check, world: World, deadline: AbortSignal): Promise<Verdict> {
  const late = unknown("It was cut short before this was seen: give more time with --timeout.");
  if (deadline.aborted) return late;
  const before = world.wire.seen.length;
  const verdict = await check.judge(world);
  // Half of what it saw may be requests that were cut off; what does not hold was seen all the same.
  if (verdict.result === "broken") return verdict;
  if (deadline.aborted) return late;
  const turned = verdict.result === "holds" ? world.wire.seen.slice(before).map(inTheWay) : [];
  return turned.find((verdict) => verdict !== undefined) ?? verdict;
}

/** What answers a request for who sends it, or how many: what was attempted with it was not tried then. */
function inTheWay({ status, code, failure, reason = "" }: Answer): Verdict | undefined {
  if (status === 429) {
    return unknown("Requests were turned away for their number (429): exempt the doctor, or try again later.");
  }
  if (code?.startsWith("edge_admit_")) return unknown(`Requests were not admitted (${code}): exempt the doctor.`);
  if (failure === "late") return unknown("Requests were not answered in time: give more with --timeout, or try again.");
  return /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH)$/.test(reason)
    ? unknown(`The proxy could not be reached any more (${reason}): try again.`)
    : undefined;
}

/** How many of the checks came out so. */
export function count({ checks }: Findings, result: Result): number {
  return checks.filter((check) => check.result === result).length;
}
