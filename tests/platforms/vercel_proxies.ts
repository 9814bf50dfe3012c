/** The proxies under test as one piece of code for Vercel's Edge runtime. Their options are a global of the runtime's. */
import { testProxy, wanted } from "../runtime/test_proxies.ts";

interface EdgeEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
  waitUntil(promise: Promise<unknown>): void;
}

const { addEventListener, OPTIONS } = globalThis as unknown as {
  readonly OPTIONS: string;
  addEventListener(type: "fetch", listener: (event: EdgeEvent) => void): void;
};
const { proxy: options } = wanted(OPTIONS);
const proxy = testProxy(options!);
addEventListener(
  "fetch",
  (event) => event.respondWith(proxy.fetch(event.request, { waitUntil: (promise) => event.waitUntil(promise) })),
);
