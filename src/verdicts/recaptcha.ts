/**
 * Google reCAPTCHA: the classic service, and Enterprise.
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
import { type Service, toProvider, type Verdict, type VerdictOptions, type VerdictProvider } from "./provider.ts";

/** What {@link recaptcha} can be told for a classic key. */
export interface RecaptchaOptions extends VerdictOptions {
  /** The secret key. */
  secret: string;
  /** The action that your page executes. Keys of v3 need it; a checkbox (v2) has none: give `null`. */
  action: string | null;
  /** Lets the published test secret of v2 through, whose hostname is made up and so not checked. */
  allowTestKeys?: boolean;
}

/** What {@link recaptcha} can be told for an Enterprise key. */
export interface RecaptchaEnterpriseOptions extends VerdictOptions {
  /** The Google Cloud project. */
  project: string;
  /** An API key of the project. */
  apiKey: string;
  /** The site key. */
  siteKey: string;
  /** The action that your page executes; `null` for a checkbox key without one. */
  action: string | null;
}

// https://developers.google.com/recaptcha/docs/verify
const CLASSIC = "https://www.google.com/recaptcha/api/siteverify";
// https://cloud.google.com/recaptcha/docs/create-assessment
const ENTERPRISE = "https://recaptchaenterprise.googleapis.com";
// https://developers.google.com/recaptcha/docs/faq
const TEST_SECRET = "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe";

/**
 * Asks reCAPTCHA: Enterprise where there is a `project`, else the classic service (v3 and v2). Its score
 * runs from 0 (bot) to 1 (human); a solved checkbox without one is a 1. A token is good once and for two
 * minutes, so that the service is asked once. Throws a `TypeError` of one line for options that cannot be
 * used.
 */
export function recaptcha(options: RecaptchaOptions | RecaptchaEnterpriseOptions): VerdictProvider {
  if (options.action !== null) readText("recaptcha", "action", options.action);
  return toProvider("project" in options ? enterprise(options) : classic(options), options);
}

function classic(options: RecaptchaOptions): Service {
  const secret = readText("recaptcha", "secret", options.secret);
  const isTest = secret === TEST_SECRET;
  refuseTestKey("recaptcha", "secret", isTest, options.allowTestKeys);
  const hostnames = readHostnames("recaptcha", options.hostnames);
  const url = new URL(options.endpoint ?? CLASSIC).href;
  return {
    name: "recaptcha",
    attempts: 1,
    ask(response, call) {
      const remoteip = options.clientIp?.(call);
      return {
        url,
        init: { method: "POST", body: new URLSearchParams({ secret, response, ...(remoteip && { remoteip }) }) },
      };
    },
    read(answer, nowSeconds) {
      if (!wasSolved(answer)) throw failure(codes(answer["error-codes"]));
      const { hostname, action, score, challenge_ts: time } = answer;
      if (isTest) return verdict(1, null, readTime(time, nowSeconds));
      const checked = {
        hostname: checkHostname(hostname, hostnames),
        ...(options.action !== null && { action: checkAction(action, options.action) }),
      };
      // A key of v3 always has a score: an answer without one is of a checkbox, which proves less than was asked for.
      if (options.action !== null && typeof score !== "number") throw new Refused("the answer has no score");
      return { ...verdict(score, score, readTime(time, nowSeconds)), ...checked };
    },
  };
}

function enterprise(options: RecaptchaEnterpriseOptions): Service {
  const project = readText("recaptcha", "project", options.project);
  const key = readText("recaptcha", "apiKey", options.apiKey);
  const siteKey = readText("recaptcha", "siteKey", options.siteKey);
  const hostnames = readHostnames("recaptcha", options.hostnames);
  const base = new URL(options.endpoint ?? ENTERPRISE).href.replace(/\/$/, "");
  const url = `${base}/v1/projects/${encodeURIComponent(project)}/assessments?key=${encodeURIComponent(key)}`;
  return {
    name: "recaptcha",
    attempts: 1,
    ask(token, call) {
      const event = {
        token,
        siteKey,
        ...(options.action !== null && { expectedAction: options.action }),
        ...about(call, options.clientIp?.(call)),
      };
      return {
        url,
        init: { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ event }) },
      };
    },
    read(answer, nowSeconds) {
      const token = part(answer, "tokenProperties");
      const risk = part(answer, "riskAnalysis");
      if (token === undefined) {
        throw new NoAnswer(`no assessment: ${codes([part(answer, "error")?.["status"]])}`, { passing: false });
      }
      if (token["valid"] !== true) throw new Refused(codes([token["invalidReason"]]));
      const score = risk?.["score"];
      const reasons = risk?.["reasons"];
      if (typeof score !== "number") throw new NoAnswer("the assessment has no score", { passing: false });
      return {
        ...verdict(score, score, readTime(token["createTime"], nowSeconds)),
        hostname: checkHostname(token["hostname"], hostnames),
        ...(options.action !== null && { action: checkAction(token["action"], options.action) }),
        ...(Array.isArray(reasons) && reasons.length > 0 &&
          { reasons: reasons.filter((reason) => typeof reason === "string") }),
      };
    },
  };
}

/** What else Google asks for, to judge better: as much as is known. */
function about({ request, signals }: Parameters<Service["ask"]>[1], ip: string | undefined): Record<string, string> {
  const userAgent = request.headers.get("user-agent");
  const known = { userIpAddress: ip, userAgent, ja4: signals?.["ja4"], ja3: signals?.["ja3"] };
  return Object.fromEntries(
    Object.entries(known).filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== ""),
  );
}

function verdict(score: unknown, raw: unknown, at: number): Verdict {
  return {
    provider: "recaptcha",
    score: typeof score === "number" ? score : 1,
    raw: typeof raw === "number" ? raw : null,
    at,
  };
}

function part(value: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> | undefined {
  const inner = value[name];
  return typeof inner === "object" && inner !== null ? inner as Record<string, unknown> : undefined;
}

function failure(named: string): Error {
  const isOurs = /input-secret|bad-request/.test(named);
  return isOurs ? new NoAnswer(`${named}: see the option \`secret\``, { passing: false }) : new Refused(named);
}
