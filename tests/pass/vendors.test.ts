/** Each captcha service over HTTP, in its documented protocol, behind the proxy's way for passes. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createProxy, type ProxyEvent } from "../../mod.ts";
import { passes } from "../../src/pass.ts";
import { hcaptcha, recaptcha, turnstile, type Verdict, type VerdictProvider } from "../../src/verdicts.ts";
import {
  openHcaptcha,
  openRecaptcha,
  openRecaptchaEnterprise,
  openTurnstile,
  PAGE,
  SECRET,
  SITE_KEY,
  type Solved,
  type Vendor,
} from "./vendors.ts";
import { BROWSER, KEY } from "./world.ts";

interface More {
  readonly secret?: string;
  readonly onFailure?: "null";
  readonly timeoutMs?: number;
}

const common = { hostnames: [PAGE, "www.example.com"], clientIp: () => "192.0.2.7" };
const SERVICES: Readonly<
  Record<string, {
    open(): Promise<Vendor>;
    /** Solved by somebody whom the service takes for a bot; `undefined` where it has no score. */
    bot: Solved | undefined;
    provider(vendor: Vendor, more?: More): VerdictProvider;
  }>
> = {
  turnstile: {
    open: openTurnstile,
    bot: undefined,
    provider: ({ url }, more) =>
      turnstile({ ...common, secret: SECRET, action: "chat", endpoint: `${url}/turnstile/v0/siteverify`, ...more }),
  },
  "recaptcha v3": {
    open: openRecaptcha,
    bot: { score: 0.1 },
    provider: ({ url }, more) =>
      recaptcha({ ...common, secret: SECRET, action: "chat", endpoint: `${url}/recaptcha/api/siteverify`, ...more }),
  },
  "recaptcha enterprise": {
    open: openRecaptchaEnterprise,
    bot: { score: 0.1 },
    provider: ({ url }, { secret = SECRET, ...more } = {}) =>
      recaptcha({
        ...common,
        project: "my-project",
        apiKey: secret,
        siteKey: SITE_KEY,
        action: "chat",
        endpoint: url,
        ...more,
      }),
  },
  hcaptcha: {
    open: openHcaptcha,
    bot: { score: 0.9 },
    provider: ({ url }, more) =>
      hcaptcha({ ...common, secret: SECRET, siteKey: SITE_KEY, endpoint: `${url}/siteverify`, ...more }),
  },
};

for (const [name, { open, bot, provider }] of Object.entries(SERVICES)) {
  describe(name, () => {
    let vendor: Vendor;
    before(async () => {
      vendor = await open();
    });
    after(() => vendor.close());

    /** Asks for a pass with a token, and reads the verdict that a call with the pass is stamped with. */
    async function show(captchaToken: string, more?: More) {
      const events: ProxyEvent[] = [];
      const port = passes({ key: KEY, verdict: provider(vendor, more) });
      const proxy = createProxy({ trust: () => BROWSER, pass: port, onEvent: (event) => events.push(event) });
      const request = new Request("https://edge.example/.edgestamp/pass", {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": "Firefox" },
        body: JSON.stringify({ session: "chat-1", captchaToken }),
      });
      const response = await proxy.fetch(request);
      const body = await response.json() as { pass?: string; code?: string; error?: string };
      const causes: string[] = [];
      const failed = events.find((event) => event.type === "failed");
      for (let error = failed?.cause as Error | undefined; error; error = error.cause as Error | undefined) {
        causes.push(error.message);
      }
      assert.ok(!JSON.stringify([body, causes]).includes(SECRET), "a secret is told");
      if (body.pass === undefined) return { status: response.status, code: body.code, verdict: undefined, causes };
      const call = {
        request,
        platform: undefined,
        caller: "public" as const,
        chat: "chat-1",
        signals: async () => BROWSER,
      };
      const { signals } = await port.resolve(body.pass, call);
      return { status: response.status, code: undefined, verdict: signals?.["verdict"] as Verdict | undefined, causes };
    }

    it("vouches for a solved captcha, once", async () => {
      const token = vendor.solve();
      const { verdict } = await show(token);
      assert.ok(verdict !== undefined && verdict.score >= 0.9 && verdict.hostname === PAGE);
      assert.ok(Math.abs(verdict.at - Date.now() / 1000) < 5);
      const again = await show(token);
      assert.deepEqual([again.status, again.code, again.verdict], [403, "edge_admit_challenge", undefined]);
    });
    it("tells who it takes for a bot, where it has a score", async () => {
      const { verdict } = await show(vendor.solve(bot));
      assert.equal(Number(verdict!.score.toFixed(2)), bot === undefined ? 1 : 0.1);
      assert.equal(verdict!.raw, bot?.score ?? null);
    });
    it("is told the caller's address", async () => {
      await show(vendor.solve());
      const { remoteip, userIpAddress } = vendor.asked.at(-1)!;
      assert.equal(remoteip ?? userIpAddress, "192.0.2.7");
    });
    it("does not vouch for what was solved elsewhere, for something else, or never", async () => {
      const tokens = [
        vendor.solve({ hostname: "evil.example" }),
        "made.up",
        ...(name === "hcaptcha" ? [] : [vendor.solve({ action: "login" })]),
      ];
      for (const token of tokens) assert.deepEqual((await show(token)).code, "edge_admit_challenge");
      assert.equal((await show(vendor.solve({ hostname: "www.example.com" }))).status, 200);
    });
    it("with a wrong secret is a failure that names the service", async () => {
      const { status, code, causes } = await show(vendor.solve(), { secret: "wrong-one" });
      assert.deepEqual([status, code], [503, "edge_trust_unavailable"]);
      assert.match(
        causes.join("; "),
        new RegExp(
          `the captcha service ${name.split(" ")[0]} gave no verdict.*(?:invalid-input-secret|PERMISSION_DENIED)`,
        ),
      );
    });
    it("that is down is a 503, or a pass without a verdict", async () => {
      vendor.faults.push("status 500", "status 500", "status 500");
      assert.deepEqual((await show(vendor.solve())).code, "edge_trust_unavailable");
      vendor.faults.splice(0, Infinity, "status 500", "status 500", "status 500");
      assert.deepEqual(await show(vendor.solve(), { onFailure: "null" }), {
        status: 200,
        code: undefined,
        verdict: undefined,
        causes: [],
      });
      vendor.faults.length = 0;
    });
    it("that does not answer is given up in time", async () => {
      vendor.faults.push("no answer", "no answer", "no answer");
      const began = Date.now();
      assert.deepEqual((await show(vendor.solve(), { timeoutMs: 100 })).code, "edge_trust_unavailable");
      assert.ok(Date.now() - began < 1_200);
      vendor.faults.length = 0;
    });
    it(
      name === "turnstile"
        ? "is asked again where an answer got lost"
        : "is not asked again: it would call the token used",
      async () => {
        const count = vendor.asked.length;
        vendor.faults.push("answer lost");
        const { status } = await show(vendor.solve());
        assert.deepEqual([status, vendor.asked.length - count], name === "turnstile" ? [200, 2] : [503, 1]);
        vendor.faults.length = 0;
      },
    );
  });
}

describe("turnstile", () => {
  it("is asked again after an internal error, under the same idempotency key", async () => {
    const vendor = await openTurnstile();
    try {
      vendor.faults.push("internal-error", "answer lost");
      const provider = SERVICES["turnstile"]!.provider(vendor);
      const verdict = await provider.verify(vendor.solve(), {
        request: new Request("https://x.example"),
        platform: undefined,
        signals: null,
      });
      assert.equal(verdict?.score, 1);
      assert.equal(new Set(vendor.asked.map((fields) => fields["idempotency_key"])).size, 1);
      assert.equal(vendor.asked.length, 3);
    } finally {
      await vendor.close();
    }
  });
});
