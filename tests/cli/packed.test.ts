/**
 * The commands from the packed package: `init` of each platform, followed by its type-check, its dry-run deployment or its
 * start; `dev`, and `doctor` against what it started. Platforms whose tools have to be installed first take minutes and
 * npm's registry: `TEST_EXAMPLES=1`.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { cp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import path from "node:path";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { TEMPLATES } from "../../cli/init/templates.ts";
import { withBinaries } from "../conformance/servers.ts";
import { install, type Installation, ran, started } from "./tarball.ts";

const skip = process.env["TEST_EXAMPLES"] ? false : "it takes minutes and npm's registry: TEST_EXAMPLES=1";

/** Compiles files as a project that names no types of a platform but these. */
async function compiles(folder: string, files: readonly string[], types: readonly string[] = ["node"]): Promise<void> {
  const compilerOptions = {
    module: "ESNext",
    moduleResolution: "bundler",
    jsx: "react-jsx",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: "ES2023",
    lib: ["ES2023", "DOM", "DOM.Iterable"],
    types,
  };
  await writeFile(path.join(folder, "tsconfig.proof.json"), JSON.stringify({ compilerOptions, files }));
  await succeeds(folder, "tsc", "-p", "tsconfig.proof.json");
}

async function succeeds(folder: string, ...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await ran(folder, command);
  assert.equal(code, 0, `${command.join(" ")}\n${stdout}${stderr}`);
  return stdout + stderr;
}

/** Starts a server on any free port, and asks it for something that it refuses itself. */
async function serves(folder: string, command: readonly string[], env: Record<string, string>): Promise<void> {
  const server = await started(folder, command, /http:\/\/[\w.]+:(\d+)/, { HOST: "127.0.0.1", PORT: "0", ...env });
  try {
    const response = await fetch(`http://127.0.0.1:${server.said[1]}//x`);
    assert.equal(response.headers.get("x-should-retry"), "false");
  } finally {
    await server.stop("SIGKILL");
  }
}

/** What proves each template, where nothing has to be installed. */
const PROOFS: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  async cloudflare(folder) {
    assert.match(
      await succeeds(folder, "wrangler", "deploy", "--dry-run", "--outdir", "built"),
      /--dry-run: exiting now/,
    );
    const [bundle] = (await readdir(path.join(folder, "built"))).filter((name) => name.endsWith(".js"));
    assert.match(await readFile(path.join(folder, "built", bundle!), "utf8"), /edge_misconfigured/);
  },
  "deno-deploy": (folder) => succeeds(folder, "deno", "check", "--node-modules-dir=manual", "main.ts"),
  vercel: (folder) => compiles(folder, ["api/index.ts"]),
  netlify: (folder) => compiles(folder, ["netlify/edge-functions/edgestamp.ts"]),
  hono: (folder) => compiles(folder, ["main.ts"]),
  lambda: (folder) =>
    succeeds(
      folder,
      "node",
      "-e",
      'import("./index.js").then(({ handler }) => process.exit(typeof handler === "function" ? 0 : 1))',
    ),
  "bun-vm": (folder) => serves(folder, ["bun", "run", "start"], { EDGE_TRUST: "socket", EDGE_SEAL: "none" }),
};

/** What proves those whose tools have to be installed first. */
const INSTALLED: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  fastly: (folder) => succeeds(folder, "npm", "run", "build"),
  "nextjs-middleware": (folder) => succeeds(folder, "npm", "run", "build"),
  "nextjs-route": (folder) => succeeds(folder, "npm", "run", "build"),
};

/** The same project as another, with one more file of a proxy in front. */
const SAME_AS = { nginx: "bun-vm", haproxy: "bun-vm", caddy: "bun-vm", envoy: "bun-vm" };

describe("from the packed package", () => {
  let at: Installation;
  before(async () => {
    withBinaries();
    at = await install();
  });
  after(() => at?.packed.remove());

  async function init(platform: string): Promise<string> {
    const folder = path.join(at.folder, platform);
    const { code, stderr } = await ran(at.folder, ["node", at.main, "init", platform, "--dir", platform]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok((await readdir(folder)).includes(".gitignore"));
    return folder;
  }

  test("every template is proven", () => {
    const proven = [...Object.keys(PROOFS), ...Object.keys(INSTALLED), ...Object.keys(SAME_AS)];
    assert.deepEqual(proven.sort(), Object.keys(TEMPLATES).sort());
  });

  for (const [platform, prove] of Object.entries(PROOFS)) {
    test(`init ${platform}: it checks, deploys dry, or starts`, async () => {
      const folder = await init(platform);
      await symlink(at.modules, path.join(folder, "node_modules"));
      await prove(folder);
    });
  }

  for (const [platform, base] of Object.entries(SAME_AS)) {
    test(`init ${platform}: what ${base} is, one file, and a README`, async () => {
      const { folders: [first, second] } = TEMPLATES[platform]!;
      assert.equal(first, base);
      const files = await readdir(await init(platform));
      const [own, more] = await Promise.all(
        [first!, second!].map((name) => readdir(path.join(at.modules, "edgestamp/examples", name))),
      );
      assert.deepEqual(files.sort(), [...new Set([".gitignore", ...own!, ...more!])].sort());
    });
  }

  for (const [platform, prove] of Object.entries(INSTALLED)) {
    test(`init ${platform}: installed, it builds`, { skip }, async () => {
      const folder = await init(platform);
      const manifest = path.join(folder, "package.json");
      const text = await readFile(manifest, "utf8");
      await writeFile(manifest, text.replace(/("edgestamp": ")[^"]+/, `$1file:${at.packed.tarball}`));
      await succeeds(folder, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline");
      await prove(folder);
    });
  }

  test("dev: everything is up, the walk is walked, doctor finds that all holds, and Ctrl-C ends it", async () => {
    const ports = ["--port", "0", "--page-port", "0", "--upstream-port", "0"];
    // To the end of its walk.
    const urls =
      /The page +(\S+)\nedgestamp +(\S+)\nTrigger\.dev, locally +(\S+) \(secret key (\S+)\)\n[^]*\n# 8\. Ask for/;
    const dev = await started(at.folder, ["node", at.main, "dev", ...ports, "--no-open", "--seal", "signed"], urls);
    const [said, page, proxy, upstream, secretKey] = dev.said as unknown as string[];
    try {
      assert.match(await (await fetch(page!)).text(), /<html/);
      assert.match(said!, /\n1\. A person writes\..*\n.*botScore":99.*\n.*botScore":95.*\n/);
      assert.match(said!, /straight to Trigger\.dev, without a stamp\.\n(?:.*\n){3} +it answered +nothing/);
      assert.match(
        said!,
        /4\. It goes around .*\n.*botScore":99.*\n.*botScore":99.*\n +the agent saw +nothing.*\n +it answered +nothing.*\n\nThe seal ended that/,
      );
      const args = ["doctor", proxy!, "--upstream", upstream!, "--origin", new URL(page!).origin];
      const { code, stdout, stderr } = await ran(at.folder, ["node", at.main, ...args], {
        TRIGGER_SECRET_KEY: secretKey!,
      });
      assert.deepEqual([code, stderr], [0, ""], stdout);
      assert.match(stdout, /\n16 hold, 0 do not hold, 0 could not be told\n/);
    } finally {
      assert.equal(await dev.stop("SIGINT"), 0);
    }
  });

  test("dev with an agent of one's own says how to play the edge", async () => {
    for (const name of ["agent.ts", "greeting.ts"]) {
      await cp(path.join(import.meta.dirname, "../examples/scratch", name), path.join(at.folder, name));
    }
    const args = [
      "--port",
      "0",
      "--page-port",
      "0",
      "--upstream-port",
      "0",
      "--tasks",
      "agent.ts",
      "--agent",
      "greeter",
    ];
    const dev = await started(at.folder, ["node", at.main, "dev", "--no-open", ...args], /^Ctrl-C/m);
    try {
      assert.match(
        dev.said.input,
        /\nChat with greeter on the page,.*\n.*: x-play-bot-score \(1 to 99\), x-play-country/,
      );
      assert.doesNotMatch(dev.said.input, /^1\. /m);
    } finally {
      assert.equal(await dev.stop("SIGINT"), 0);
    }
  });

  test("dev before a Trigger.dev that there is: the proxy alone, on this machine", async () => {
    await serves(at.folder, ["node", at.main, "dev", "--port", "0"], {
      HOST: "",
      TRIGGER_API_UPSTREAM: "http://127.0.0.1:1",
    });
  });

  test("start: the ready server by its environment, and one line where that cannot be", async () => {
    await serves(at.folder, ["node", at.main, "start"], { TRIGGER_API_UPSTREAM: "http://127.0.0.1:1" });
    const rows: readonly [args: string[], env: Record<string, string>, code: number, message: RegExp][] = [
      [[], { EDGE_SEAL: "signed" }, 1, /^EDGE_SEAL_KEY: is needed where EDGE_SEAL is signed; [^\n]+\n$/],
      [["--port", "1"], {}, 2, /^Unknown option '--port'.*\nedgestamp start --help tells what there is\n$/],
    ];
    for (const [args, env, expected, message] of rows) {
      const { code, stdout, stderr } = await ran(at.folder, ["node", at.main, "start", ...args], env);
      assert.deepEqual([code, stdout], [expected, ""]);
      assert.match(stderr, message);
    }
  });

  test("dev: what cannot be done is said in one line", async () => {
    const taken = createServer();
    await once(taken.listen(0, "127.0.0.1"), "listening");
    const port = String((taken.address() as AddressInfo).port);
    const rows: readonly [args: string[], message: RegExp][] = [
      [["--seal", "wax"], /^Cannot use --seal: give one of none, signed, encrypted\n$/],
      [["--port", "99999"], /^Cannot use --port: give a number from 0 to 65535\n$/],
      [["--tasks", "x.ts"], /^Cannot run an agent of yours: give both/],
      [
        ["--port", "0", "--page-port", "0", "--upstream-port", port],
        new RegExp(`^Cannot listen on port ${port}: it is taken; give another with --upstream-port\n$`),
      ],
    ];
    try {
      for (const [args, message] of rows) {
        const { code, stdout, stderr } = await ran(at.folder, ["node", at.main, "dev", "--no-open", ...args]);
        assert.deepEqual([code, stdout], [2, ""]);
        assert.match(stderr, message);
      }
    } finally {
      taken.close();
    }
  });
});
