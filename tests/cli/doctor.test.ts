/** `edgestamp doctor`: what holds is told so, and each hole is reported by its check and by no other. */
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { Admit } from "../../src/admit.ts";
import { start as startProcess, withBinaries } from "../conformance/servers.ts";
import { type Behind, doctor, doctorInside, PAGE, sealKeys, SECRET_KEY, startBehind } from "./examined.ts";
import { deploy, FAULTS, leakHost } from "./faults.ts";

const RUNTIME = path.join(import.meta.dirname, "../runtime");

/** What the page's Worker lets happen, by the check that says so. */
const REFERENCE_HOLES: readonly (readonly [name: string, what: RegExp])[] = [
  ["paths", /capitals, a capital at the end, an escaped letter and an escaped letter first/],
  ["bodies", /a message in a string and a message in a string in a string/],
  ["host", /begins with two slashes/],
  ["credentials", /the incoming channel, the outgoing channel, a side channel/],
  ["history", /replacing a snapshot and ending a run/],
  ["elsewhere", /a side channel.*a direct trigger.*a batch/],
  ["chat", /another chat.*a continuation.*a hand-over/],
  ["cors", /whatever page asks/i],
  ["seal", /no proof/],
  ["answers", /redirects to another host/],
];

describe("edgestamp doctor", { concurrency: 2 }, () => {
  let behind: Behind;
  let key: string;
  before(async () => {
    withBinaries();
    behind = await startBehind();
    ({ key } = await sealKeys());
  });
  after(() => behind?.close());

  test("a good deployment: all hold, and its sessions are closed", async () => {
    const proxy = await deploy(behind.url, key);
    try {
      const { code, broken, unknown, holding, stdout, stderr } = await doctorInside(proxy.url, behind);
      assert.deepEqual([code, broken, unknown, stderr], [0, [], [], ""]);
      assert.equal(holding.length, 16);
      assert.ok(!stdout.includes(SECRET_KEY));
      const left = behind.sessions.list().filter(({ externalId, closedAt }) =>
        externalId?.startsWith("edgestamp-doctor-") === true && closedAt === null
      );
      assert.deepEqual(left, []);
    } finally {
      await proxy.stop();
    }
  });

  test("from outside: what cannot be seen is said, and nothing is left behind", async () => {
    const own = await startBehind();
    const proxy = await deploy(own.url, key);
    try {
      const env = { TRIGGER_SECRET_KEY: SECRET_KEY };
      const examined = await doctor([proxy.url, "--outside", "--origin", PAGE], env);
      assert.deepEqual([examined.code, examined.broken], [0, []]);
      assert.deepEqual(examined.unknown, ["create", "append", "stream", "seal"]);
      for (const name of examined.unknown) assert.match(examined.why(name), /--secret-key/);
      assert.equal((await doctor([proxy.url, "--outside", "--strict", "--origin", PAGE], env)).code, 1);
      assert.deepEqual(own.sessions.list(), []);
      await doctorInside(proxy.url, own);
      assert.equal(own.sessions.list().length, 5);
    } finally {
      await proxy.stop();
      await own.close();
    }
  });

  test("a good deployment of another kind: guard chat, every page, another namespace", async () => {
    const proxy = await deploy(
      behind.url,
      key,
      (making) => making.with({ guard: "chat", cors: { origins: "*" }, namespace: "__cf" }),
    );
    try {
      const { code, broken, unknown, stdout, why } = await doctorInside(proxy.url, behind);
      assert.deepEqual([code, broken, unknown], [0, [], []], stdout);
      assert.match(why("cors"), /as may every page/);
    } finally {
      await proxy.stop();
    }
  });

  test("a deployment that admits so many and no more: what was not tried does not hold", async () => {
    let admitted = 0;
    const admit: Admit = () =>
      admitted++ < 12 ? { admit: true } : { admit: false, reason: "rate_limited", retryAfterSeconds: 1 };
    const proxy = await deploy(behind.url, key, (making) => making.with({ admit }));
    try {
      const { code, broken, unknown, why } = await doctorInside(proxy.url, behind);
      assert.deepEqual([code, broken], [0, []]);
      assert.deepEqual(unknown, ["paths", "bodies"]);
      assert.match(why("bodies"), /429/);
    } finally {
      await proxy.stop();
    }
  });

  for (const { name, found, make } of FAULTS) {
    test(`a deployment that ${name}: ${found.join(", ")}`, async () => {
      const proxy = await deploy(behind.url, key, make);
      try {
        const { code, broken, unknown, stdout } = await doctorInside(proxy.url, behind);
        assert.deepEqual([code, broken, unknown], [1, found, []], stdout);
      } finally {
        await proxy.stop();
      }
    });
  }

  test("a deployment that hands on the Host: host", async () => {
    const proxy = await leakHost(await deploy(behind.url, key), behind.url);
    try {
      const { code, broken, unknown, stdout } = await doctorInside(proxy.url, behind);
      assert.deepEqual([code, broken, unknown], [1, ["host"], []], stdout);
    } finally {
      await proxy.stop();
    }
  });

  test("the reference Worker, on workerd: its known holes by name", async () => {
    const bindings = { reference: { TRIGGER_API_UPSTREAM: behind.url } };
    const server = await startProcess(
      "node",
      ["launch_workerd.ts", JSON.stringify(bindings), "../cli/reference_worker.ts"],
      RUNTIME,
    );
    try {
      const { code, broken, unknown, holding, why, stdout } = await doctorInside(
        `http://127.0.0.1:${server.ports["reference"]}`,
        behind,
      );
      assert.equal(code, 1);
      assert.deepEqual(broken, REFERENCE_HOLES.map(([name]) => name), stdout);
      assert.deepEqual(unknown, []);
      assert.deepEqual(holding, ["service", "https", "create", "append", "stream", "clock"]);
      for (const [name, what] of REFERENCE_HOLES) assert.match(why(name), what);
    } finally {
      await server.stop();
    }
  });
});
