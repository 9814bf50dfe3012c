/**
 * The browser's side of passes: gets, keeps and renews them, and answers challenges. It depends on nothing.
 *
 * ```ts
 * import { createClient } from "edgestamp/client";
 *
 * const edge = createClient({
 *   proxy: "https://edge.example.com",
 *   solve: () => Promise.resolve("what the captcha's widget gives"),
 * });
 * const options = { baseURL: "https://edge.example.com", fetch: edge.fetch }; // for TriggerChatTransport
 * ```
 *
 * @module
 */

/** What {@link createClient} can be told. */
export interface ClientOptions {
  /** Where the proxy is: its origin, with its `basePath` where it has one; on the page's own origin the path is enough. */
  proxy: string;
  /** Shows the captcha that a challenge asks for, and resolves with its token. Without it no challenge is answered. */
  solve?: (challenge: unknown, chatId: string) => Promise<string>;
  /** What sends requests. Default: the global `fetch`. */
  fetch?: typeof fetch;
}

/** What a server action of `edgestamp/server` answers when the proxy wants another pass. */
export interface Refused {
  /** The proxy's code, and what a challenge asks for. */
  readonly refused: { readonly code: string; readonly challenge?: unknown };
}

/** Passes of one page, for any number of chats. */
export interface Client {
  /** The transport's `fetch`. Carries a pass once a captcha was solved for the chat, and repeats a message under its `X-Part-Id`. */
  fetch(url: string, init: RequestInit, context: { endpoint: string; chatId: string }): Promise<Response>;
  /** The chat's pass: kept until shortly before it ends. With a captcha's token: a new one that carries its verdict. */
  pass(chatId: string, captchaToken?: string): Promise<string>;
  /** Makes the transport's `startSession` of a server action that takes a pass. */
  startSession<P extends { chatId: string; pass?: string | undefined }, R>(
    action: (params: P) => Promise<R>,
  ): (params: Omit<P, "pass">) => Promise<Exclude<R, Refused>>;
  /** The transport's `headers` for a head start, with the pass that the chat has by then: await {@link Client.pass} before. */
  headers(chatId: string): Record<string, string>;
}

/** A pass is renewed when less than this is left of it, so that none ends on its way. */
const MARGIN_MS = 30_000;

interface Kept {
  readonly pass: string;
  readonly until: number;
  readonly solved: boolean;
}

/** An origin with or without a path, or a path of the page's own origin. */
const PROXY = /^(https?:\/\/[^/]|\/)[^?#]*$/i;

/** Makes the client of a page. Throws a `TypeError` of one line for a `proxy` that no pass could be asked of. */
export function createClient({ proxy, solve, fetch: send = (...args) => fetch(...args) }: ClientOptions): Client {
  if (!PROXY.test(proxy)) {
    throw new TypeError("Cannot use option `proxy`: give its URL, such as https://edge.example.com");
  }
  const passes = keepPasses(`${proxy.replace(/\/+$/, "")}/.edgestamp/pass`, send);
  const mending = mender(passes, solve);
  return {
    pass: passes.get,
    async fetch(url, init, { endpoint, chatId }) {
      if (endpoint !== "in") return send(url, carrying(init));
      return mending(
        chatId,
        (pass) => send(url, carrying(init, pass)),
        (response) => response.ok ? Promise.resolve(undefined) : response.clone().json().catch(() => undefined),
        passes.kept.get(chatId)?.solved ? await passes.get(chatId) : undefined,
      );
    },
    startSession<P extends { chatId: string; pass?: string | undefined }, R>(action: (params: P) => Promise<R>) {
      return async (params: Omit<P, "pass">): Promise<Exclude<R, Refused>> => {
        const { chatId } = params as P;
        const answer = await mending(
          chatId,
          (pass) => action({ ...params, pass } as P),
          (result) => Promise.resolve((result as Refused | undefined)?.refused),
          await passes.get(chatId),
        );
        const refusal = (answer as Refused | undefined)?.refused;
        if (refusal) throw Object.assign(new Error(`The session was refused: ${refusal.code}`), refusal);
        return answer as Exclude<R, Refused>;
      };
    },
    // The transport spreads its `headers` into each request, which reads the pass anew.
    headers: (chatId) => ({
      get "X-Edge-Pass"() {
        return passes.kept.get(chatId)?.pass ?? "";
      },
    }),
  };
}

interface KeptPasses {
  readonly kept: ReadonlyMap<string, Kept>;
  get(chatId: string, captchaToken?: string): Promise<string>;
  /** Another one than `stale`. */
  renew(chatId: string, stale: string | undefined): Promise<string>;
}

function keepPasses(url: string, send: typeof fetch): KeptPasses {
  const kept = new Map<string, Kept>();
  const asked = new Map<string, Promise<string>>();

  async function request(chatId: string, captchaToken?: string): Promise<string> {
    const last = kept.get(chatId);
    const response = await send(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(last && { "X-Edge-Pass": last.pass }) },
      body: JSON.stringify({ session: chatId, captchaToken }),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
      throw Object.assign(new Error(answer.error ?? `No pass: ${response.status}`), { code: answer.code });
    }
    const lifeMs = answer.expiresInSeconds * 1000;
    const solved = captchaToken !== undefined || last?.solved === true;
    // A renewal that was under way meanwhile must not replace what a captcha was solved for.
    if (solved || !kept.get(chatId)?.solved) {
      kept.set(chatId, { pass: answer.pass, until: Date.now() + lifeMs - Math.min(MARGIN_MS, lifeMs / 2), solved });
    }
    return answer.pass;
  }

  function get(chatId: string, captchaToken?: string): Promise<string> {
    const last = kept.get(chatId);
    if (captchaToken === undefined && last && Date.now() < last.until) return Promise.resolve(last.pass);
    return once(asked, `${chatId}\n${captchaToken ?? ""}`, () => request(chatId, captchaToken));
  }

  return {
    kept,
    get,
    renew(chatId, stale) {
      const last = kept.get(chatId);
      if (last && last.pass === stale) kept.set(chatId, { ...last, until: 0 });
      return get(chatId);
    },
  };
}

/** Calls with a pass, and again with a better one where the proxy asks for it: each remedy once. */
type Mending = <T>(
  chatId: string,
  call: (pass: string | undefined) => Promise<T>,
  refusalOf: (answer: T) => Promise<Refused["refused"] | undefined>,
  first: string | undefined,
) => Promise<T>;

function mender({ kept, get, renew }: KeptPasses, solve: ClientOptions["solve"]): Mending {
  const solving = new Map<string, Promise<string>>();
  return async (chatId, call, refusalOf, first) => {
    let current = first;
    for (let mayRenew = true, maySolve = true;;) {
      const answer = await call(current);
      const refusal = await refusalOf(answer);
      const last = kept.get(chatId);
      if (refusal?.code === "edge_pass_stale" && mayRenew) {
        mayRenew = false;
        current = await renew(chatId, current);
      } else if (refusal?.code !== "edge_admit_challenge" || !solve) {
        return answer;
      } else if (last?.solved && last.pass !== current) {
        // Solved for another message, while this one was on its way.
        current = last.pass;
      } else if (maySolve) {
        maySolve = false;
        current = await once(solving, chatId, async () => get(chatId, await solve(refusal.challenge, chatId)));
      } else {
        throw new Error("The challenge was solved and is asked for again: check the widget's keys and action");
      }
    }
  };
}

/** Does a thing once for all who ask while it is under way. */
function once<T>(under: Map<string, Promise<T>>, key: string, begin: () => Promise<T>): Promise<T> {
  let promise = under.get(key);
  if (!promise) {
    promise = begin().finally(() => under.delete(key));
    under.set(key, promise);
  }
  return promise;
}

/** Where there is no pass to carry, none is: also not one of the transport's `headers`. */
function carrying(init: RequestInit, pass?: string): RequestInit {
  const headers = new Headers(init.headers);
  if (pass === undefined) headers.delete("X-Edge-Pass");
  else headers.set("X-Edge-Pass", pass);
  return { ...init, headers };
}
