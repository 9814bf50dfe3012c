/**
 * The examples as their readers get them: installed with the package as it is packed, type-checked, built, and used.
 * This takes minutes and needs npm's registry, so it runs only where it is asked for: `npm run test:examples`.
 */

import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { skip as noChromium } from "../browser/chromium.ts";
import { pack, type Packed } from "../../tools/pack.ts";
import { install } from "./installed.ts";
import { chatOn, freePorts } from "./served.ts";

const skip = process.env["TEST_EXAMPLES"]
  ? false
  : "it takes minutes and needs npm's registry: `npm run test:examples`";
const SECRET = { TRIGGER_SECRET_KEY: "tr_dev_local" };

describe("the examples, with the packed package", () => {
  let packed: Packed;
  before(async () => {
    if (skip === false) packed = await pack();
  });
  after(() => packed?.remove());

  test("agent: type-checks and bundles", { skip }, async () => {
    const agent = await install("agent", packed);
    await agent.script("check");
    await agent.script("build");
    assert.match(await readFile(join(agent.folder, "dist/chat.js"), "utf8"), /from "edgestamp\/agent"/);
  });

  test(
    "react: type-checks, builds, and chats from another origin than the proxy's",
    { skip: skip || noChromium },
    async () => {
      const react = await install("react", packed);
      await react.script("check");
      const [page, proxy, upstream] = await freePorts(3) as [number, number, number];
      const origin = `http://localhost:${page}`;
      await react.script("build", { VITE_EDGE_URL: `http://localhost:${proxy}` });
      const env = {
        ...SECRET,
        PORT: String(proxy),
        PAGE_ORIGIN: origin,
        TRIGGER_API_UPSTREAM: `http://127.0.0.1:${upstream}`,
      };
      await chatOn(`${origin}/`, upstream, [
        { command: [process.execPath, "server.ts"], cwd: react.folder, env },
        {
          command: [
            process.execPath,
            "node_modules/vite/bin/vite.js",
            "preview",
            "--port",
            String(page),
            "--strictPort",
          ],
          cwd: react.folder,
          env: {},
        },
      ]);
    },
  );

  test(
    "nextjs: type-checks, builds, and chats with sessions from its server action",
    { skip: skip || noChromium },
    async () => {
      const next = await install("nextjs", packed);
      const [page, proxy, upstream] = await freePorts(3) as [number, number, number];
      const origin = `http://localhost:${page}`;
      const url = { NEXT_PUBLIC_EDGE_URL: `http://localhost:${proxy}` };
      await next.script("check");
      await next.script("build", url);
      const env = {
        ...SECRET,
        PORT: String(proxy),
        PAGE_ORIGIN: origin,
        TRIGGER_API_UPSTREAM: `http://127.0.0.1:${upstream}`,
      };
      await chatOn(`${origin}/`, upstream, [
        { command: [process.execPath, "edge.ts"], cwd: next.folder, env },
        {
          command: [process.execPath, "node_modules/next/dist/bin/next", "start", "--port", String(page)],
          cwd: next.folder,
          env: { ...SECRET, ...url },
        },
      ]);
    },
  );

  test("each README fits on a page", async () => {
    for (const example of ["agent", "nextjs", "react"]) {
      const file = new URL(`../../examples/${example}/README.md`, import.meta.url);
      assert.ok((await stat(file)).isFile());
      assert.ok((await readFile(file, "utf8")).split("\n").length <= 40, example);
    }
  });
});
