// What a reader of the documents writes, compiled against the packed package by each compiler that is promised.
import {
  combine,
  createProxy,
  type Json,
  type Options,
  type Platform,
  type ProxyEvent,
  Refusal,
  type RefusalCode,
  REFUSALS,
  type Signals,
  type TrustProvider,
} from "edgestamp";
import { memoryLimiter, minimumBotScore, rateLimit } from "edgestamp/admit";
import type { edgeAgent } from "edgestamp/agent";
import { cloudflare } from "edgestamp/cloudflare";
import { headers, NGINX_MAP } from "edgestamp/headers";
import { passes } from "edgestamp/pass";
import { encrypted, signed } from "edgestamp/seal";
import { turnstile } from "edgestamp/verdicts";

const own: TrustProvider<{ tenant: string }> = {
  name: "own",
  consumes: ["x-tenant"],
  read: (request: Request, platform?: Platform) => ({ tenant: request.headers.get("x-tenant") ?? String(platform) }),
};
const options: Options = {
  namespace: "__cf",
  cors: { origins: ["https://app.example.com"] },
  guard: "chat",
  limits: { appendBodyBytes: 1_000 },
  seal: signed({ key: "{}" }),
  pass: passes({ key: "{}", verdict: turnstile({ secret: "s", hostnames: ["app.example.com"] }) }),
  admit: rateLimit({ key: "ip", limiter: memoryLimiter({ limit: 30, windowSeconds: 60 }) }),
  onEvent: (event: ProxyEvent): string => event.type,
};

export const proxy = createProxy({ ...options, trust: combine(cloudflare(), own) });
export const other = createProxy({
  trust: headers({ map: NGINX_MAP, proof: { header: "x-edge-proof", secret: "0123456789abcdef0123456789abcdef" } }),
  admit: minimumBotScore(2),
  seal: encrypted({ key: "{}" }),
});
export const answer: Promise<Response> = proxy.fetch(new Request("https://edge.example.com/"), { env: {} });
export const statuses: Record<RefusalCode, number> = Object.fromEntries(
  Object.entries(REFUSALS).map(([code, [status]]) => [code, status]),
) as Record<RefusalCode, number>;
export const isRefusal = (error: unknown): error is Refusal => error instanceof Refusal;
export const country = (signals: Signals): Json | undefined => signals["country"];
export type Agent = ReturnType<typeof edgeAgent>;

// @ts-expect-error a field that the edge does not have
cloudflare({ fields: ["botScor"] });
// @ts-expect-error a guard that there is not
createProxy({ trust: own, guard: "none" });
