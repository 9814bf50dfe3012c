/** Somebody's tests where nothing but the package is installed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createUpstream, startDev, startLocal } from "edgestamp/dev";

test("createUpstream needs none of the SDK", async () => {
  const { fetch } = createUpstream();
  assert.equal((await fetch(new Request("http://upstream.local/api/v1/runs"))).status, 401);
});

test("what needs the SDK says what to install", async () => {
  const install = "npm install --save-dev @trigger.dev/sdk @trigger.dev/core";
  await assert.rejects(startLocal(), { message: `Cannot execute runs: ${install}` });
  await assert.rejects(startDev(), { message: `Cannot start the page: ${install} ai zod` });
});
