/**
 * Trigger.dev itself, called around the proxy with the secret key: what arrived is read there.
 *
 * @module
 */
import { Unusable } from "../terminal.ts";
import { channelOf, CREATE, createOf, NO_CHAT } from "./requests.ts";

/** A session that the doctor made. */
export interface Made {
  /** `session_…`. */
  readonly id: string;
  /** The id that the doctor gave it. */
  readonly chat: string;
  readonly token: string;
}

/** A record as it is stored. */
export interface Stored {
  /** The part's id, which the append gave. */
  readonly id: string;
  /** The body as Trigger.dev keeps it. */
  readonly data: string;
}

/** The calls around the proxy. All but `make` give `undefined` where they do not succeed. */
export interface Upstream {
  /** Makes a session. Throws {@link Unusable}. */
  make(chat: string): Promise<Made>;
  /** The session as it was created, and with what its run is started. */
  read(session: string): Promise<Record<string, unknown> | undefined>;
  records(session: string): Promise<readonly Stored[] | undefined>;
  /** Writes one record to a session's outgoing channel. */
  say(session: string, data: string): Promise<boolean>;
  /** Closes a session and cancels its run. */
  end(session: string): Promise<void>;
}

interface Told {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

/** Makes the caller. Sessions are of `task`. */
export function createUpstream(url: URL, secretKey: string, task: string, signal: AbortSignal): Upstream {
  const base = url.href.replace(/\/+$/, "");
  const call = async (method: string, path: string, body?: string): Promise<Told> => {
    const response = await fetch(base + path, {
      method,
      redirect: "manual",
      // Closing up has a time of its own: what the doctor made does not stay behind because its time was up.
      signal: signal.aborted ? AbortSignal.timeout(5_000) : signal,
      headers: { authorization: `Bearer ${secretKey}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, json: await response.json().catch(() => ({})) as Record<string, unknown> };
  };
  const tried = async (method: string, path: string, body?: string): Promise<Told["json"] | undefined> => {
    const told = await call(method, path, body).catch(() => undefined);
    return told !== undefined && told.status < 300 ? told.json : undefined;
  };
  const session = (id: string): string => `${CREATE}/${encodeURIComponent(id)}`;
  return {
    make: (chat) => make(url, chat, () => call("POST", CREATE, createOf(task, chat, { userId: NO_CHAT }))),
    read: (id) => tried("GET", session(id)),
    records: async (id) => (await tried("GET", `${channelOf(id, "in")}/records`))?.["records"] as Stored[] | undefined,
    say: async (id, data) => await tried("POST", `${channelOf(id, "out")}/append`, data) !== undefined,
    async end(id) {
      const closed = await tried("POST", `${session(id)}/close`, JSON.stringify({ reason: NO_CHAT }));
      const runId = closed?.["currentRunId"];
      if (typeof runId === "string") await tried("POST", `/api/v2/runs/${encodeURIComponent(runId)}/cancel`, "{}");
    },
  };
}

async function make(url: URL, chat: string, create: () => Promise<Told>): Promise<Made> {
  let told: Told;
  try {
    told = await create();
  } catch {
    throw new Unusable(`Cannot reach the upstream ${url.origin}: check --upstream`);
  }
  const { status, json: { id, publicAccessToken: token } } = told;
  if (status === 401 || status === 403) {
    throw new Unusable(`Cannot create a session at ${url.origin}: it does not accept the secret key (${status})`);
  }
  if (status >= 300 || typeof id !== "string" || typeof token !== "string") {
    throw new Unusable(
      `Cannot create a session at ${url.origin}: it answered ${status}; check --upstream, or name a task with --task`,
    );
  }
  return { id, chat, token };
}
