/** `edgestamp doctor` as a command: what it is told, what it prints, what it ends with. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { https } from "../../cli/doctor/checks/https.ts";
import { progressOn, toTable } from "../../cli/doctor/report.ts";
import type { Findings } from "../../cli/doctor/run.ts";
import type { World } from "../../cli/doctor/world.ts";
import { makeCertificate } from "./certificate.ts";
import { Unusable } from "../../cli/terminal.ts";
import { serve } from "../../adapters/node.ts";
import { createProxy, type Options } from "../../mod.ts";
import { encrypted } from "../../src/seal.ts";
import { type Behind, doctor, keeping, PAGE, sealKeys, SECRET_KEY, startBehind } from "./examined.ts";
import { deploy, good, type Listening } from "./faults.ts";

const MAIN = path.join(import.meta.dirname, "../../cli/main.ts");

/** The command as a process of its own; it prints to pipes, not to a terminal. */
async function command(args: readonly string[], env: Record<string, string> = {}): Promise<[number, string, string]> {
  const child = spawn(process.execPath, [MAIN, "doctor", ...args], {
    env: { PATH: process.env["PATH"], ...env } as unknown as NodeJS.ProcessEnv,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text) => stdout += text);
  child.stderr.on("data", (text) => stderr += text);
  const [code] = await once(child, "close") as [number];
  return [code, stdout, stderr];
}

describe("edgestamp doctor, as a command", () => {
  let behind: Behind;
  let key: string;
  let proxy: Listening;
  before(async () => {
    behind = await startBehind();
    ({ key } = await sealKeys());
    proxy = await deploy(behind.url, key);
  });
  after(async () => {
    await proxy?.stop();
    await behind?.close();
  });
  const serving = (options: Options) =>
    serve(createProxy({ ...options, trust: () => null }), { host: "127.0.0.1", port: 0 });

  test("prints a table without colours where there is no terminal, and never the key", async () => {
    const args = [proxy.url, "--upstream", behind.url, "--origin", PAGE];
    const [code, stdout, stderr] = await command(args, { TRIGGER_SECRET_KEY: SECRET_KEY });
    assert.deepEqual([code, stderr], [0, ""]);
    const [head, , ...rows] = stdout.split("\n");
    assert.match(
      head!,
      /^edgestamp doctor \d+\.\d+\.\d+: http:\/\/127\.0\.0\.1:\d+, namespace __edge, seen from both sides$/,
    );
    assert.equal(rows.filter((row) => /^ {2}[a-z]+ +✓ holds {2,}\S.*\.$/.test(row)).length, 16, stdout);
    assert.match(
      stdout,
      /\n\nIts own message was stamped with \{"asn":64496\}\.\n\n16 hold, 0 do not hold, 0 could not be told\n$/,
    );
    assert.ok(!stdout.includes("\u001b") && !stdout.includes(SECRET_KEY));
  });

  test("tells what its own message was stamped with, where that can be seen", async () => {
    const secret = await sealKeys("--encrypted");
    const sealed = await serving({ ...good(behind.url, key), seal: encrypted({ key: secret.key }) });
    const bare = await serving({ upstream: behind.url, namespace: "__cf" });
    const rows: readonly [url: string, args: readonly string[], signals: unknown][] = [
      [sealed.url, ["--keys", secret.agent], null],
      [sealed.url, [], undefined],
      [bare.url, [], null],
      [bare.url, ["--outside"], undefined],
      // Nothing is stamped there: what arrived is the doctor's own forgery.
      [behind.url, [], undefined],
    ];
    try {
      for (const [url, args, expected] of rows) {
        const env = { TRIGGER_SECRET_KEY: SECRET_KEY };
        const { stdout } = await doctor([url, "--upstream", behind.url, "--skip", "stream", ...args], env);
        assert.deepEqual((JSON.parse(stdout) as { signals?: unknown }).signals, expected, `${url} ${args.join(" ")}`);
      }
    } finally {
      await sealed.stop();
      await bare.stop();
    }
  });

  test("over TLS: all hold with a certificate that is trusted, and without it is not reached", async () => {
    const { cert, key: privateKey } = makeCertificate();
    const folder = await mkdtemp(path.join(tmpdir(), "edgestamp-tls-"));
    const { port: inner } = new URL(proxy.url);
    // As TLS in front is: it changes nothing but the wire.
    const front = createTlsServer({ cert, key: privateKey }, (socket) => {
      const behindIt = connect(Number(inner), "127.0.0.1");
      socket.pipe(behindIt).pipe(socket);
      for (const [one, other] of [[socket, behindIt], [behindIt, socket]] as const) {
        one.on("error", () => other.destroy());
      }
    });
    await once(front.listen(0, "localhost"), "listening");
    const url = `https://localhost:${(front.address() as AddressInfo).port}`;
    try {
      const file = path.join(folder, "ca.pem");
      await writeFile(file, cert);
      const args = [url, "--upstream", behind.url, "--origin", PAGE];
      const trusting = { TRIGGER_SECRET_KEY: SECRET_KEY, NODE_EXTRA_CA_CERTS: file };
      const [code, stdout, stderr] = await command(args, trusting);
      assert.deepEqual([code, stderr], [0, ""], stdout);
      assert.match(stdout, /https +✓ holds +The proxy is called over TLS\.\n/);
      assert.match(stdout, /\n16 hold, 0 do not hold, 0 could not be told\n$/);
      const [without, , why] = await command(args, { TRIGGER_SECRET_KEY: SECRET_KEY });
      assert.equal(without, 2);
      assert.match(why, /^Cannot reach https:\/\/localhost:\d+: \w*CERT\w*; check the URL/);
    } finally {
      front.close();
      await rm(folder, { recursive: true });
    }
  });

  const mistakes: readonly [what: string, args: readonly string[], message: RegExp][] = [
    ["no URL", [], /give one URL/],
    ["two URLs", ["http://a", "http://b"], /give one URL/],
    ["no http", ["ftp://a"], /Cannot use the proxy's URL/],
    ["an unknown option", ["http://a", "--fast"], /Unknown option '--fast'/],
    ["an unknown check", ["http://a", "--skip", "seals"], /Cannot skip "seals": there are service, /],
    ["a path as origin", ["http://a", "--origin", "https://a/b"], /Cannot use --origin/],
    ["no time", ["http://a", "--timeout", "0"], /Cannot use --timeout/],
    ["keys that are none", ["http://a", "--keys", "{}"], /^Cannot use option `keys`: .*$/],
    [
      "a key in the clear",
      ["http://a.example", "--secret-key", "tr_dev_x"],
      /^Cannot send a secret key to http:\/\/a\.example in the clear: /,
    ],
    [
      "a key in the clear, upstream",
      ["https://a", "--secret-key", "tr_dev_x", "--upstream", "http://b"],
      /to http:\/\/b in/,
    ],
    ["a file that is none", ["http://a", "--keys", "/nowhere/keys"], /Cannot use --keys/],
    [
      "nobody there",
      ["http://127.0.0.1:1"],
      /^Cannot reach http:\/\/127\.0\.0\.1:1: ECONNREFUSED; check the URL, and that the proxy runs$/,
    ],
  ];
  for (const [what, args, message] of mistakes) {
    test(`${what}: one line`, async () => {
      await assert.rejects(doctor(args), (error: Error) => {
        assert.match(error.message, message);
        return !error.message.includes("\n");
      });
    });
  }

  test("what cannot be done: one line, and 2", async () => {
    for (const args of [["http://a", "--keys", "{}"], ["http://127.0.0.1:1"]]) {
      const [code, stdout, stderr] = await command(args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, /^\S.+\n$/);
    }
    // What Node says of an argument is followed by where to look.
    const [code, stdout, stderr] = await command(["http://a", "--fast"]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^\S.+\nedgestamp doctor --help tells what there is\n$/);
  });

  test("a secret key that is none of this upstream's is not tried further", async () => {
    const wrong = "tr_dev_wrong_all_the_same";
    const examined = doctor([proxy.url, "--upstream", behind.url, "--secret-key", wrong]);
    await assert.rejects(examined, (error) => {
      assert.ok(error instanceof Unusable && !error.message.includes(wrong));
      assert.match(error.message, /does not accept the secret key \(401\)$/);
      return true;
    });
  });

  test("an upstream that is another than the proxy's: what arrived could not be told", async () => {
    const other = await startBehind();
    try {
      const env = { TRIGGER_SECRET_KEY: SECRET_KEY };
      // Its own tokens are as good here, but the session is not known.
      const { code, broken, unknown, why } = await doctor([proxy.url, "--upstream", other.url, "--origin", PAGE], env);
      assert.deepEqual([code, broken], [0, []]);
      assert.deepEqual(unknown, ["create", "append", "stream", "seal"]);
      assert.match(why("append"), /404 and did not arrive: check that --upstream/);
      for (const { closedAt } of other.sessions.list()) assert.notEqual(closedAt, null);
    } finally {
      await other.close();
    }
  });

  test("a proxy below a path: with it all hold, and without it that is said", async () => {
    const mounted = await serving({ ...good(behind.url, key), basePath: "/api/trigger" });
    try {
      const { code, broken } = await doctor([`${mounted.url}/api/trigger/`, "--outside", "--origin", PAGE]);
      assert.deepEqual([code, broken], [0, []]);
      await assert.rejects(doctor([mounted.url, "--outside"]), /mounted below a path/);
    } finally {
      await mounted.stop();
    }
  });

  test("a proxy that cannot reach Trigger.dev: service, and nothing else can be told", async () => {
    const dead = await serving(good("http://127.0.0.1:1", key));
    try {
      const { code, broken, holding, why } = await doctor([dead.url, "--outside"]);
      assert.deepEqual([code, broken, holding], [1, ["service"], []]);
      assert.match(why("service"), /TRIGGER_API_UPSTREAM/);
    } finally {
      await dead.stop();
    }
  });

  test("a namespace that is nobody's: it is found by its name alone", async () => {
    const named = await serving({ ...good(behind.url, key), namespace: "__ours" });
    try {
      const without = await doctor([named.url, "--outside", "--origin", PAGE]);
      assert.match(without.why("elsewhere"), /--namespace/);
      const { broken, holding } = await doctor([
        named.url,
        "--upstream",
        behind.url,
        "--namespace",
        "__ours",
        "--origin",
        PAGE,
      ], {
        TRIGGER_SECRET_KEY: SECRET_KEY,
      });
      assert.deepEqual([broken, holding.length], [[], 16]);
    } finally {
      await named.stop();
    }
  });

  test("--skip leaves checks out, and --strict counts what could not be told", async () => {
    const args = [proxy.url, "--outside", "--origin", PAGE, "--skip", "create,append", "--skip", "stream,seal"];
    const { code, unknown, holding } = await doctor([...args, "--strict"]);
    assert.deepEqual([code, unknown, holding.length], [0, [], 12]);
  });

  test("a server that answers nothing: the time is up, and it says so", async () => {
    const silent = createServer(() => {});
    await once(silent.listen(0, "127.0.0.1"), "listening");
    const began = performance.now();
    try {
      const { port } = silent.address() as AddressInfo;
      await assert.rejects(doctor([`http://127.0.0.1:${port}`, "--timeout", "1"]), /did not answer in time/);
      assert.ok(performance.now() - began < 8_000);
    } finally {
      silent.close();
      silent.closeAllConnections();
    }
  });

  test("Ctrl-C: the session is closed, what was seen is printed, and 2", async () => {
    const own = await startBehind();
    let arrived!: () => void;
    const inside = new Promise<void>((resolve) => arrived = resolve);
    const slow = await deploy(own.url, key, ({ good }) => async (request) => {
      if (own.sessions.list().length > 1) arrived();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return await good(request);
    });
    try {
      const args = [slow.url, "--upstream", own.url, "--origin", PAGE];
      const child = spawn(process.execPath, [MAIN, "doctor", ...args], {
        env: { PATH: process.env["PATH"], TRIGGER_SECRET_KEY: SECRET_KEY } as unknown as NodeJS.ProcessEnv,
      });
      let stdout = "";
      child.stdout.on("data", (text) => stdout += text);
      await inside;
      child.kill("SIGINT");
      const [code] = await once(child, "close") as [number];
      assert.equal(code, 2);
      assert.match(stdout, /; cut short\n$/);
      assert.ok(own.sessions.list().every(({ closedAt }) => closedAt !== null));
    } finally {
      await slow.stop();
      await own.close();
    }
  });

  test("time that is up in the middle: 2, what was not looked at is said, and the session is closed", async () => {
    const own = await startBehind();
    // Slow enough that the time is up before the last check, whatever the machine.
    const slow = await deploy(own.url, key, ({ good }) => async (request) => {
      const response = await good(request);
      await new Promise((resolve) => setTimeout(resolve, 250));
      return response;
    });
    try {
      const { code, unknown, why } = await doctor(
        [slow.url, "--upstream", own.url, "--timeout", "4", "--origin", PAGE],
        {
          TRIGGER_SECRET_KEY: SECRET_KEY,
        },
      );
      assert.equal(code, 2);
      assert.match(why(unknown.at(-1)!), /--timeout/);
      assert.ok(own.sessions.list().length > 0 && own.sessions.list().every(({ closedAt }) => closedAt !== null));
    } finally {
      await slow.stop();
      await own.close();
    }
  });
});

describe("the table", () => {
  const findings: Findings = {
    url: "https://edge.example.com",
    namespace: undefined,
    view: "outside",
    isCut: true,
    checks: [
      { name: "service", result: "holds", why: "It answers." },
      {
        name: "seal",
        result: "broken",
        why: "Some words that are long enough to be broken into lines at forty columns.",
      },
      { name: "clock", result: "unknown", why: "Nobody told." },
    ],
  };

  test("is coloured where colours are asked for, and nowhere else", () => {
    const before = { ...process.env };
    try {
      delete process.env["FORCE_COLOR"];
      assert.ok(!toTable(findings, keeping().stream).includes("\u001b"));
      delete process.env["NO_COLOR"];
      process.env["FORCE_COLOR"] = "1";
      assert.ok(toTable(findings, keeping().stream).includes("\u001b[31m✗ does not hold"));
    } finally {
      process.env = before;
    }
  });

  test("breaks sentences at the terminal's width, and tells all in its last line", () => {
    const output = Object.assign(keeping().stream, { columns: 80 });
    const lines = toTable(findings, output).split("\n");
    assert.ok(lines.slice(1).every((line) => line.length <= 80), lines.join("\n"));
    assert.match(lines.at(-2)!, /^1 holds, 1 does not hold, 1 could not be told; cut short$/);
  });

  test("progress is one line on a terminal, and nothing elsewhere", () => {
    for (const isTTY of [true, false]) {
      const output = keeping(isTTY);
      const progress = progressOn(output.stream);
      progress.step("paths", 5, 16);
      progress.clear();
      assert.equal(output.text(), isTTY ? "\r\u001b[K5/16 paths …\r\u001b[K" : "");
    }
  });
});

test("https: only on this machine is http well", async () => {
  const rows = {
    "https://a.example": "holds",
    "http://a.example": "broken",
    "http://127.0.0.1:3000": "holds",
    "http://localhost": "holds",
    "http://[::1]:1": "holds",
    "http://127.0.0.1.example": "broken",
  };
  for (const [url, result] of Object.entries(rows)) {
    assert.equal((await https.judge({ wire: { url: new URL(url) } } as World)).result, result, url);
  }
});
