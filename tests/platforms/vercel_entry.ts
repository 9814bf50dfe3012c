/** What Vercel makes of a middleware file, for its Edge runtime. */
import { middleware } from "../../adapters/vercel.ts";

interface EdgeEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
  waitUntil(promise: Promise<unknown>): void;
}

const { addEventListener } = globalThis as unknown as {
  addEventListener(type: "fetch", listener: (event: EdgeEvent) => void): void;
};
addEventListener(
  "fetch",
  (event) => event.respondWith(middleware(event.request, { waitUntil: (promise) => event.waitUntil(promise) })),
);
