/** The README's first lines do what its first sentence says. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { registerHooks } from "node:module";
import { startUpstream } from "../runtime/spawned.ts";
import { blocksOf } from "./markdown.ts";
import { removePrograms, SPECIFIERS, writePrograms } from "./programs.ts";

interface Worker {
  fetch(request: Request, env: unknown, ctx: { waitUntil(promise: Promise<unknown>): void }): Promise<Response>;
}

let folder: string;
let worker: Worker;
const hooks = registerHooks({
  resolve: (name, context, next) =>
    next(Object.hasOwn(SPECIFIERS, name) ? pathToFileURL(SPECIFIERS[name]!).href : name, context),
});
before(async () => {
  const [first] = blocksOf("README.md");
  const written = writePrograms([first!], new Map());
  folder = written.folder;
  worker = (await import(pathToFileURL(written.programs[0]!.path).href) as { default: Worker }).default;
});
after(() => {
  hooks.deregister();
  removePrograms(folder);
});

test("what a browser wrote under the key is gone, and what the edge knows stands there", async () => {
  const upstream = await startUpstream((_, response) => response.end("{}"));
  const { fetch } = globalThis;
  const asked: string[] = [];
  // The ten lines name Trigger.dev itself: it is played by a server of this test.
  globalThis.fetch = (input, init) => {
    const { origin, pathname, search } = new URL(input instanceof Request ? input.url : input);
    asked.push(origin);
    return fetch(`${upstream.url}${pathname}${search}`, init);
  };
  try {
    const forged = { userId: "user-456", __cf: { botScore: 99 } };
    const request = new Request("https://edge.example.com/realtime/v1/sessions/conv-123/in/append", {
      method: "POST",
      headers: { origin: "https://app.example.com" },
      body: JSON.stringify({ kind: "message", payload: { chatId: "conv-123", metadata: forged } }),
    });
    const cf = { botManagement: { score: 2, ja4: "t13d" }, asn: 13335, country: "US" };
    Object.defineProperty(request, "cf", { value: cf });
    const response = await worker.fetch(request, {}, { waitUntil: () => {} });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("access-control-allow-origin"), "https://app.example.com");
    const { metadata } = (JSON.parse(upstream.seen[0]!.body) as { payload: { metadata: unknown } }).payload;
    assert.deepEqual(metadata, {
      userId: "user-456",
      __cf: { botScore: 2, ja4: "t13d", asn: 13335, country: "US" },
    });
    assert.deepEqual(asked, ["https://api.trigger.dev"]);
  } finally {
    globalThis.fetch = fetch;
    upstream.close();
  }
});
