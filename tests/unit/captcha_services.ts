/** The captcha services with a stand-in for the network. */
import { hcaptcha, recaptcha, turnstile, type VerdictCall } from "../../src/verdicts.ts";

export const SECRET = "s3cr3t-of-the-account";
export const hostnames = ["app.example.com"];
export const AT = "2026-01-02T03:04:05Z";
export const at = Date.parse(AT) / 1000;
export const CALL: VerdictCall = {
  request: new Request("https://p.example/", { headers: { "user-agent": "Firefox" } }),
  platform: undefined,
  signals: { ja4: "t13d", ja3: null, country: "PT" },
};

/** What the services' own `fetch` is answered with, one after the other; and what they asked. */
const realFetch = globalThis.fetch;
export function answering(...answers: unknown[]): { url: string; init: RequestInit; text: string }[] {
  const asked: { url: string; init: RequestInit; text: string }[] = [];
  globalThis.fetch = (async (url: string, init: RequestInit) => {
    asked.push({ url, init, text: String(init.body) });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return answer instanceof Response ? answer.clone() : Response.json(answer);
  }) as typeof fetch;
  return asked;
}
/** Puts the real one back. */
export function restoreFetch(): void {
  globalThis.fetch = realFetch;
}

const options = { secret: SECRET, hostnames, action: "chat" };
export const PROVIDERS = {
  turnstile: (more: object = {}) => turnstile({ ...options, ...more }),
  hcaptcha: (more: object = {}) => hcaptcha({ ...options, siteKey: "site", ...more }),
  recaptcha: (more: object = {}) => recaptcha({ ...options, ...more }),
  enterprise: (more: object = {}) =>
    recaptcha({ project: "proj", apiKey: SECRET, siteKey: "site", hostnames, action: "chat", ...more }),
};
export const good = { success: true, hostname: "app.example.com", action: "chat", challenge_ts: AT };
export const assessed = (token: object = {}, risk: object = {}) => ({
  tokenProperties: { valid: true, hostname: "app.example.com", action: "chat", createTime: AT, ...token },
  riskAnalysis: { score: 0.7, reasons: [], ...risk },
});
