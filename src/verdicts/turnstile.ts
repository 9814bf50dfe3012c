/**
 * Cloudflare Turnstile.
 *
 * @module
 */
import {
  checkAction,
  checkHostname,
  codes,
  readHostnames,
  readText,
  readTime,
  refuseTestKey,
  wasSolved,
} from "./checks.ts";
import { NoAnswer, Refused } from "./failures.ts";
import { type Service, toProvider, type VerdictOptions, type VerdictProvider } from "./provider.ts";

/** What {@link turnstile} can be told. */
export interface TurnstileOptions extends VerdictOptions {
  /** The widget's secret key. */
  secret: string;
  /** The action that your page gives the widget. Default: any. */
  action?: string;
  /** Lets the published test secrets through, whose hostname and action are made up and so not checked. */
  allowTestKeys?: boolean;
}

const ENDPOINT = "https://challenges.cloudflare.com/turnstile/v0/siteverify";

// https://developers.cloudflare.com/turnstile/troubleshooting/testing/
const TEST_SECRET = /^[123]x0{20,}AA$/;

/**
 * Asks Turnstile. It has no score: a solved challenge is a 1. A token is good once and for 300 seconds
 * (https://developers.cloudflare.com/turnstile/get-started/server-side-validation/). Throws a
 * `TypeError` of one line for options that cannot be used.
 */
export function turnstile(options: TurnstileOptions): VerdictProvider {
  const secret = readText("turnstile", "secret", options.secret);
  const isTest = TEST_SECRET.test(secret);
  refuseTestKey("turnstile", "secret", isTest, options.allowTestKeys);
  const hostnames = readHostnames("turnstile", options.hostnames);
  const url = new URL(options.endpoint ?? ENDPOINT).href;
  const service: Service = {
    name: "turnstile",
    // The same idempotency key gets the same answer, also where the first got lost.
    attempts: 3,
    ask(response, call) {
      const remoteip = options.clientIp?.(call);
      const body = { secret, response, idempotency_key: crypto.randomUUID(), ...(remoteip && { remoteip }) };
      return {
        url,
        init: { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
      };
    },
    read(answer, nowSeconds) {
      if (!wasSolved(answer)) throw failure(codes(answer["error-codes"]));
      const { hostname, action } = answer;
      return {
        provider: "turnstile",
        score: 1,
        raw: null,
        ...(isTest ? {} : { hostname: checkHostname(hostname, hostnames) }),
        ...(isTest || options.action === undefined ? {} : { action: checkAction(action, options.action) }),
        at: readTime(answer["challenge_ts"], nowSeconds),
      };
    },
  };
  return toProvider(service, options);
}

function failure(named: string): Error {
  if (named.includes("internal-error")) return new NoAnswer(named, { passing: true });
  if (/input-secret|bad-request/.test(named)) {
    return new NoAnswer(`${named}: see the option \`secret\``, { passing: false });
  }
  return new Refused(named);
}
