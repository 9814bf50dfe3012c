/** The port for passes, called as the proxy calls it. */
import assert from "node:assert/strict";
import type { Refusal } from "../../src/errors.ts";
import { type PassCall, type Passes, passes, type PassOptions, type Verdict } from "../../src/pass.ts";
import type { Signals } from "../../src/trust.ts";

export const K1 = { kty: "oct", kid: "one", k: "Ks9cVtJ0e1n3mWZp8yQ5uLrXfB2dGhT7aEoIvNxC4wY" };
export const K2 = { kty: "oct", kid: "two", k: "pT5rYq8nV2xL7wZ0bKj3mHcG6fDsA9eQ1uIoXvNtE4M" };
export const LIVE: Signals = { botScore: 7, ja4: "live", asn: 64500, country: "PT" };
export const VERDICT: Verdict = { provider: "turnstile", score: 1, raw: null, at: 1_000 };
export const vouching = { name: "test", verify: async (token: string) => token === "solved" ? VERDICT : null };

/** A clock, and the port as the proxy calls it. */
export function open(options: Partial<PassOptions> = {}) {
  const clock = { seconds: 1_000 };
  const port = passes({ key: K1, now: () => clock.seconds * 1000, ...options });
  return { clock, port };
}

export function callOf(over: Partial<Omit<PassCall, "signals">> & { signals?: Signals | null } = {}): PassCall {
  const { signals = LIVE, ...rest } = over;
  return {
    request: new Request("https://p.example/"),
    platform: undefined,
    caller: "public",
    chat: "chat-1",
    signals: () => Promise.resolve(signals),
    ...rest,
  };
}

export interface Ask {
  readonly body?: unknown;
  readonly signals?: Signals | null;
  readonly last?: string;
  readonly type?: string;
}

export async function ask(
  port: Passes,
  { body = { session: "chat-1" }, signals = LIVE, last, type = "application/json" }: Ask = {},
) {
  const request = new Request("https://p.example/.edgestamp/pass", {
    method: "POST",
    headers: { "content-type": type, ...(last !== undefined && { "x-edge-pass": last }) },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return await port.issue(callOf({ request, signals, chat: undefined }));
}

export const solve = (port: Passes, more: Ask = {}) =>
  ask(port, { body: { session: "chat-1", captchaToken: "solved" }, ...more });
export const refused = (code: string, detail = /./) => (error: Refusal): boolean => {
  assert.equal(error.code, code, String(error.cause ?? error));
  assert.match(error.message, detail);
  return true;
};
