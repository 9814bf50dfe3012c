/**
 * hCaptcha.
 *
 * @module
 */
import { checkHostname, codes, readHostnames, readText, readTime, refuseTestKey, wasSolved } from "./checks.ts";
import { NoAnswer, Refused } from "./failures.ts";
import { type Service, toProvider, type VerdictOptions, type VerdictProvider } from "./provider.ts";

/** What {@link hcaptcha} can be told. */
export interface HcaptchaOptions extends VerdictOptions {
  /** The account's secret. */
  secret: string;
  /** The site key: tokens of another are refused. */
  siteKey: string;
  /** Lets the published test secret through, whose hostname is made up and so not checked. */
  allowTestKeys?: boolean;
}

const ENDPOINT = "https://api.hcaptcha.com/siteverify";

// https://docs.hcaptcha.com/#integration-testing-test-keys
const TEST_SECRET = /^0x0{40}$/;
const TEST_SITE_KEY = /^[123]0000000-ffff-ffff-ffff-00000000000[123]$/;

/**
 * Asks hCaptcha. Its score, where the plan has one, runs from 0 (safe) to 1 (threat), and is turned
 * round; where there is none, a solved challenge is a 1. A token is good once, so that the service is
 * asked once (https://docs.hcaptcha.com/#verify-the-user-response-server-side). Throws a `TypeError` of
 * one line for options that cannot be used.
 */
export function hcaptcha(options: HcaptchaOptions): VerdictProvider {
  const secret = readText("hcaptcha", "secret", options.secret);
  const sitekey = readText("hcaptcha", "siteKey", options.siteKey);
  const isTest = TEST_SECRET.test(secret);
  refuseTestKey("hcaptcha", "secret", isTest, options.allowTestKeys);
  refuseTestKey("hcaptcha", "siteKey", TEST_SITE_KEY.test(sitekey), options.allowTestKeys);
  const hostnames = readHostnames("hcaptcha", options.hostnames);
  const url = new URL(options.endpoint ?? ENDPOINT).href;
  const service: Service = {
    name: "hcaptcha",
    attempts: 1,
    ask(response, call) {
      const remoteip = options.clientIp?.(call);
      // Forms only: JSON is not read.
      return {
        url,
        init: {
          method: "POST",
          body: new URLSearchParams({ secret, sitekey, response, ...(remoteip && { remoteip }) }),
        },
      };
    },
    read(answer, nowSeconds) {
      if (!wasSolved(answer)) throw failure(codes(answer["error-codes"]));
      const { score, score_reason: reasons } = answer;
      const raw = typeof score === "number" ? score : null;
      return {
        provider: "hcaptcha",
        score: raw === null ? 1 : Math.min(1, Math.max(0, 1 - raw)),
        raw,
        ...(isTest ? {} : { hostname: checkHostname(answer["hostname"], hostnames) }),
        ...(Array.isArray(reasons) && { reasons: reasons.filter((reason) => typeof reason === "string") }),
        at: readTime(answer["challenge_ts"], nowSeconds),
      };
    },
  };
  return toProvider(service, options);
}

function failure(named: string): Error {
  const isOurs = /input-secret|bad-request|sitekey-secret-mismatch|dummy-passcode/.test(named);
  return isOurs
    ? new NoAnswer(`${named}: see the options \`secret\` and \`siteKey\``, { passing: false })
    : new Refused(named);
}
