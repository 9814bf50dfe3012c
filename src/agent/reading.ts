/**
 * Reads client data: what its stamp proves, and what the schemas make of it.
 *
 * The runtime parses client data where it knows neither chat nor message, and at the boot of every
 * run of a session it parses that of the session's creation again, where a throw would end the chat
 * for good. So a reading never throws for a stamp: it is kept with what it found, and judged where
 * chat and message are known.
 *
 * @module
 */
import { isRecord } from "../seal/canonical.ts";
import type { Claims } from "../seal/claims.ts";
import { isSealed, type OpenStamp } from "./open.ts";
import { StampRefusal } from "./refusal.ts";
import { parseWith, type StandardSchema } from "./schema.ts";

/** What was read of one piece of client data. */
export interface Reading {
  /** What the hooks get. Under the namespace: proven signals, or `null`. */
  readonly data: Record<string, unknown>;
  /** What the stamp proves. */
  readonly claims?: Claims;
  /** Why the client data cannot be used; of an unsealed stamp, why it cannot unless those are accepted. */
  readonly refusal?: StampRefusal;
  /** Whether there is no seal, and all else is in order. */
  readonly unsealed: boolean;
  /** Whether it was judged together with its chat and message, and holds. */
  passed: boolean;
}

/** Reads client data as it came. */
export type ReadClientData = (metadata: unknown) => Promise<Reading>;

/** What client data is read with. */
export interface ReaderOptions {
  readonly open: OpenStamp;
  readonly namespace: string;
  readonly signals: StandardSchema | undefined;
  readonly clientData: StandardSchema | undefined;
}

/** Makes the reader of client data. */
export function clientDataReader({ open, namespace, signals, clientData }: ReaderOptions): ReadClientData {
  return async (metadata) => {
    const { [namespace]: stamp, ...others } = isRecord(metadata) ? metadata : {};
    const rest = await attempt(
      clientData,
      isRecord(metadata) || metadata === undefined ? others : metadata,
      "client_data",
    );
    const stamped = await readStamp(open, signals, stamp);
    const restRefusal = rest.refusal ?? (isRecord(rest.value) ? undefined : new StampRefusal("client_data"));
    const refusal = (stamped.refusal?.reason === "missing" ? missing(others) : stamped.refusal) ?? restRefusal;
    return {
      data: {
        ...(restRefusal === undefined ? rest.value as Record<string, unknown> : {}),
        [namespace]: stamped.signals ?? null,
      },
      ...(stamped.claims !== undefined && { claims: stamped.claims }),
      ...(refusal !== undefined && { refusal }),
      unsealed: stamped.unsealed && restRefusal === undefined,
      passed: false,
    };
  };
}

/** No stamp. Where there is one under another key, proxy and agent have two namespaces, which the logs are told. */
function missing(others: Record<string, unknown>): StampRefusal {
  const found = Object.keys(others).find((key) => isSealed(others[key]) && /^[\w$-]{1,64}$/.test(key));
  if (found === undefined) return new StampRefusal("missing");
  const cause = new Error(`there is a stamp under ${found}: give edgeAgent() the proxy's \`namespace\``);
  return new StampRefusal("missing", { cause });
}

interface Stamped {
  readonly signals?: unknown;
  readonly claims?: Claims;
  readonly refusal?: StampRefusal;
  readonly unsealed: boolean;
}

async function readStamp(open: OpenStamp, schema: StandardSchema | undefined, stamp: unknown): Promise<Stamped> {
  let claims: Claims;
  try {
    claims = await open(stamp);
  } catch (error) {
    const refusal = error instanceof StampRefusal ? error : new StampRefusal("invalid", { cause: error });
    if (refusal.reason !== "unsealed" && refusal.reason !== "missing") return { refusal, unsealed: false };
    const { value, refusal: misfit } = await attempt(schema, stamp ?? null, "shape");
    return misfit === undefined ? { signals: value, refusal, unsealed: true } : { refusal, unsealed: false };
  }
  const { value, refusal } = await attempt(schema, claims.signals, "shape");
  if (refusal === undefined) return { signals: value, claims, unsealed: false };
  // Sessions outlive schemas. What a creation proves is handed on as it was sealed, sooner than end its chat.
  if (claims.use === "create") return { signals: claims.signals, claims, unsealed: false };
  return { claims, refusal, unsealed: false };
}

async function attempt(
  schema: StandardSchema | undefined,
  value: unknown,
  reason: "shape" | "client_data",
): Promise<{ value?: unknown; refusal?: StampRefusal }> {
  if (schema === undefined) return { value };
  try {
    return { value: await parseWith(schema, value) };
  } catch (cause) {
    return { refusal: new StampRefusal(reason, { cause }) };
  }
}
