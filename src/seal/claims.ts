/**
 * What a seal proves.
 *
 * @module
 */
import type { StampContext } from "../ports.ts";
import type { Signals } from "../trust.ts";
import { hashJson, hashMessage, isRecord } from "./canonical.ts";

/** The `typ` of every seal: no other token is ever taken for one (RFC 8725, 3.11). */
export const TYPE = "edgestamp+jwt";

/** Who seals, where the options name nobody. */
export const DEFAULT_ISSUER = "edgestamp";

/** For whom, where the options name nobody. */
export const DEFAULT_AUDIENCE = "trigger.dev";

/** How long the stamp of an append can be used: a message may wait in a queue for hours. */
const DEFAULT_LIFETIME_SECONDS = 6 * 60 * 60;

/** The claims of a seal. Times are seconds since 1970. */
export interface Claims {
  readonly iss: string;
  readonly aud: string;
  /** Whether the stamp is of a session's creation or of one of its messages. */
  readonly use: "create" | "append";
  /** The chat. Absent where a creation names none. */
  readonly sub?: string;
  readonly iat: number;
  /** When the stamp of an append ends. That of a creation does not: every later run of the session reads it. */
  readonly exp?: number;
  /** The append's `X-Part-Id`, or a fresh id. */
  readonly jti: string;
  /** The payload's `trigger`. */
  readonly trg?: string;
  /** The message's id, or what the payload's `messageId` names. */
  readonly mid?: string;
  /** SHA-256 over RFC 8785 of the message or the action. */
  readonly mh?: string;
  readonly signals: Signals | null;
}

/** What the claims of every stamp of a sealer have in common. */
export interface SealOptions {
  /** Who seals. The agent expects the same. Default `edgestamp`. */
  issuer?: string;
  /** Which agents the stamps are for. The agent expects the same. Default `trigger.dev`. */
  audience?: string;
  /** How long the stamp of an append can be used, in seconds. Default 6 hours. */
  lifetimeSeconds?: number;
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
}

/** Makes claims about signals. */
export type MakeClaims = (signals: Signals | null, context: StampContext) => Promise<Claims>;

/** Checks the options of a sealer. Throws a `TypeError` of one line for one that cannot be used. */
export function claimsMaker(options: SealOptions): MakeClaims {
  const { issuer = DEFAULT_ISSUER, audience = DEFAULT_AUDIENCE, lifetimeSeconds = DEFAULT_LIFETIME_SECONDS } = options;
  checkName(issuer, "issuer");
  checkName(audience, "audience");
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 1) {
    throw new TypeError("Cannot use option `lifetimeSeconds`: give a whole number of seconds above 0");
  }
  const now = options.now ?? Date.now;
  return async (signals, context) => {
    const { use, chat, partId, trigger } = context;
    const iat = Math.floor(now() / 1000);
    return {
      iss: issuer,
      aud: audience,
      use,
      ...(chat !== undefined && { sub: chat }),
      iat,
      ...(use === "append" && { exp: iat + lifetimeSeconds }),
      jti: use === "append" && partId !== undefined && /^[\w-]{1,128}$/.test(partId) ? partId : crypto.randomUUID(),
      ...(trigger !== undefined && { trg: trigger }),
      ...await subjectOf(context),
      signals,
    };
  };
}

/** A name that both sides must spell alike. */
export function checkName(name: unknown, option: string): void {
  if (typeof name !== "string" || name.trim() !== name || name === "") {
    throw new TypeError(`Cannot use option \`${option}\`: give a name, without white space around it`);
  }
}

async function subjectOf({ messageId, messageJson, actionJson }: StampContext): Promise<Pick<Claims, "mid" | "mh">> {
  const message = parsed(messageJson);
  const id = isRecord(message) && typeof message["id"] === "string" ? message["id"] : messageId;
  const mid = id === undefined ? {} : { mid: id };
  if (message !== undefined && message !== null) return { ...mid, mh: await hashMessage(message) };
  const action = parsed(actionJson);
  return action === undefined ? mid : { ...mid, mh: await hashJson(action) };
}

/** Text that no reader can parse is a message to nobody: there is nothing to bind. */
function parsed(json: string | undefined): unknown {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
