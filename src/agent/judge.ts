/**
 * Judges a stamp by what it was sent for: the chat, the message, the time, and once only.
 *
 * @module
 */
import { hashJson, hashMessage } from "../seal/canonical.ts";
import type { Claims } from "../seal/claims.ts";
import type { Reading } from "./reading.ts";
import { StampRefusal } from "./refusal.ts";

/** How far two clocks may differ, in seconds. */
const CLOCK_SKEW_SECONDS = 60;

/** How many used stamps of a run are kept before those that have expired are let go. */
const USED_STAMPS_KEPT = 1_000;

/** Remembers which stamps were used, beyond one run: a table with a unique key will do. */
export interface UsedStamps {
  /** Whether {@link add} was called with this id. */
  has(id: string): boolean | Promise<boolean>;
  /** Keeps an id, of up to about 400 characters, until the stamp could not be used any more. */
  add(id: string, until: Date): void | Promise<void>;
}

/** What holds for every turn of an agent. */
export interface Policy {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly maxAgeSeconds: number | undefined;
  /** Until when turns and creations without a seal are taken as they were before there was one. */
  readonly turnsUntil: number;
  readonly sessionsUntil: number;
  readonly used: UsedStamps | undefined;
}

/** One run of a session. */
export interface RunState {
  readonly chatId: string;
  /** Why nothing in this run can be acted on: its session's creation is not proven. */
  creation: StampRefusal | undefined;
  /** Whether a turn was judged, or refused. */
  opened: boolean;
  /** Whether the first turn may be one that the session's creation brought along. */
  readonly mayBringTurn: boolean;
  /** Used stamps: `jti` → the second they expire. */
  readonly used: Map<string, number>;
}

/** What a stamp has to be about. */
export interface Turn {
  readonly chatId: string;
  /** The wire's trigger; `undefined` where a hook is not told, and no message came. */
  readonly trigger: string | undefined;
  /** What the stamp binds, hashed; absent where neither message nor action came. */
  readonly subject?: { readonly message: unknown } | { readonly action: unknown };
  /** Whether it is the run's first. */
  readonly first: boolean;
}

/** Judges the creation that a run was booted with. Gives the refusal, for a boot must not fail. */
export function judgeCreation(reading: Reading | undefined, chatId: string, policy: Policy): StampRefusal | undefined {
  if (reading === undefined) return new StampRefusal("unread");
  if (acceptsUnsealed(reading, policy.sessionsUntil, policy)) return undefined;
  const refusal = reading.refusal ?? mismatch(reading.claims, chatId);
  return refusal && new StampRefusal("creation", { cause: refusal });
}

function mismatch(claims: Claims | undefined, chatId: string): StampRefusal | undefined {
  if (claims?.use !== "create") return new StampRefusal("use");
  return claims.sub === chatId ? undefined : new StampRefusal("chat");
}

/** Starts the record of a run. */
export function startRun(run: Omit<RunState, "used" | "opened">): RunState {
  return { ...run, opened: false, used: new Map() };
}

/** Judges a turn. Throws {@link StampRefusal} where it may not be acted on; after that it may be, once. */
export async function judgeTurn(
  reading: Reading | undefined,
  turn: Turn,
  run: RunState | undefined,
  policy: Policy,
): Promise<void> {
  if (reading === undefined || run === undefined) throw new StampRefusal("unread");
  if (reading.passed) return;
  if (run.chatId !== turn.chatId) throw new StampRefusal("chat");
  if (run.creation !== undefined) throw run.creation;
  if (!acceptsUnsealed(reading, policy.turnsUntil, policy)) {
    if (reading.refusal !== undefined) throw reading.refusal;
    await judgeClaims(reading.claims!, turn, run, policy);
  }
  reading.passed = true;
  run.opened = true;
}

/** Whether what has no seal is still taken as it was before there was one. */
export function acceptsUnsealed({ unsealed }: Reading, until: number, { now }: Policy): boolean {
  return unsealed && now() < until;
}

async function judgeClaims(claims: Claims, turn: Turn, run: RunState, policy: Policy): Promise<void> {
  if (claims.sub !== turn.chatId) throw new StampRefusal("chat");
  if (claims.use === "create") {
    // A session may be created with its first message in it; that message alone is what its stamp is for.
    const brought = run.mayBringTurn && turn.first && turn.subject !== undefined && "message" in turn.subject;
    if (!brought) throw new StampRefusal(claims.trg === "handover-prepare" ? "head_start" : "use");
  }
  if (claims.trg !== (turn.trigger ?? "regenerate-message")) throw new StampRefusal("message");
  if (claims.mh !== await hashSubject(turn.subject)) throw new StampRefusal("message");
  judgeAge(claims, policy);
  await judgeUse(claims, run, policy);
}

async function hashSubject(subject: Turn["subject"]): Promise<string | undefined> {
  if (subject === undefined) return undefined;
  try {
    return await ("message" in subject ? hashMessage(subject.message) : hashJson(subject.action));
  } catch (cause) {
    // Nested deeper than can be read, and so than the proxy lets through.
    throw new StampRefusal("message", { cause });
  }
}

function judgeAge({ iat, exp }: Claims, { now, maxAgeSeconds = Infinity }: Policy): void {
  const second = now() / 1000;
  if (iat > second + CLOCK_SKEW_SECONDS) throw new StampRefusal("future");
  const end = Math.min(exp ?? Infinity, iat + maxAgeSeconds);
  if (second > end + CLOCK_SKEW_SECONDS) throw new StampRefusal("expired");
}

async function judgeUse(claims: Claims, run: RunState, policy: Policy): Promise<void> {
  if (run.used.has(claims.jti)) throw new StampRefusal("replayed");
  // Noted before anything is waited for: an agent with a loop of its own may have two turns judged at once.
  run.used.set(claims.jti, claims.exp ?? Infinity);
  if (await asked(() => policy.used?.has(usedId(claims)))) throw new StampRefusal("replayed");
  if (run.used.size >= USED_STAMPS_KEPT) {
    const second = policy.now() / 1000 - CLOCK_SKEW_SECONDS;
    for (const [jti, until] of run.used) if (until < second) run.used.delete(jti);
  }
}

/** Asks the store of used stamps. One that fails cannot say that a stamp is new. */
async function asked<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new StampRefusal("replayed", { cause });
  }
}

/** Keeps a stamp's use beyond its run. Messages are kept when they are answered, so that a crash does not lose one. */
export async function keepUse(reading: Reading | undefined, { used }: Policy): Promise<void> {
  if (used === undefined || reading?.claims === undefined || !reading.passed) return;
  const { claims } = reading;
  await asked(() => used.add(usedId(claims), new Date(((claims.exp ?? claims.iat) + CLOCK_SKEW_SECONDS) * 1000)));
}

function usedId({ sub, jti }: Claims): string {
  return `${sub ?? ""} ${jti}`;
}
