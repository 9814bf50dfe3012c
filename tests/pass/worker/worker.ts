/** A Worker with passes and Cloudflare's own rate limit, as somebody would write it. */

import { all, challengeBelow, cloudflareLimiter, rateLimit } from "../../../src/admit.ts";
import { createProxy } from "../../../mod.ts";
import { passes } from "../../../src/pass.ts";
import { turnstile } from "../../../src/verdicts.ts";

interface Env {
  readonly UPSTREAM: string;
  readonly TURNSTILE: string;
}

interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

const key = { kty: "oct", kid: "worker", k: "Ks9cVtJ0e1n3mWZp8yQ5uLrXfB2dGhT7aEoIvNxC4wY" };

export default {
  fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    const proxy = createProxy({
      upstream: env.UPSTREAM,
      trust: ({ headers }) => ({ botScore: Number(headers.get("x-score")), ja4: headers.get("x-ja4") }),
      pass: passes({
        key,
        bind: [],
        verdict: turnstile({
          secret: "secret-of-the-account",
          hostnames: ["app.example.com"],
          endpoint: env.TURNSTILE,
        }),
      }),
      admit: all(
        rateLimit({ key: "ja4", limiter: cloudflareLimiter({ binding: "CHAT", windowSeconds: 60 }), uses: ["append"] }),
        challengeBelow(30, { challenge: null }),
      ),
    });
    return proxy.fetch(request, { env, waitUntil: (promise) => ctx.waitUntil(promise) });
  },
};
