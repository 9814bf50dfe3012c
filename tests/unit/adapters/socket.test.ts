import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { denoDeploy, type DenoField } from "../../../adapters/deno.ts";
import { socket } from "../../../adapters/headers.ts";

const REQUEST = new Request("http://p.example/", {
  headers: { "x-forwarded-for": "9.9.9.9", "x-real-ip": "9.9.9.9", "x-deno-client-address": "9.9.9.9:1" },
});

/** As Deno's: the members are getters on the prototype, and a copy of the object has none. */
class DenoInfo {
  readonly #address: Record<string, unknown>;
  constructor(address: Record<string, unknown>) {
    this.#address = address;
  }
  get remoteAddr(): Record<string, unknown> {
    return this.#address;
  }
}

/** As Bun's: a method that needs its `this`. */
class BunInfo {
  readonly #address: string | null;
  constructor(address: string | null) {
    this.#address = address;
  }
  requestIP(request: Request): { address: string } | null {
    return request === REQUEST && this.#address !== null ? { address: this.#address } : null;
  }
}

const ROWS: readonly [name: string, info: unknown, ip: string | undefined][] = [
  ["Deno, TCP", new DenoInfo({ transport: "tcp", hostname: "198.51.100.7", port: 1 }), "198.51.100.7"],
  ["Deno, IPv6", new DenoInfo({ transport: "tcp", hostname: "2001:db8::1", port: 1 }), "2001:db8::1"],
  ["Deno, Unix socket", new DenoInfo({ transport: "unix", path: "/run/x" }), undefined],
  ["Bun", new BunInfo("198.51.100.7"), "198.51.100.7"],
  ["Bun, dual stack", new BunInfo("::ffff:198.51.100.7"), "198.51.100.7"],
  ["Bun, the caller is gone", new BunInfo(null), undefined],
  ["Node", { socket: { remoteAddress: "::1" } }, "::1"],
  ["Node, dual stack", { socket: { remoteAddress: "::ffff:198.51.100.7" } }, "198.51.100.7"],
  ["Node, the caller is gone", { socket: {} }, undefined],
  ["nothing", undefined, undefined],
  ["something else", { address: "1.2.3.4" }, undefined],
];

describe("socket()", () => {
  for (const [name, info, ip] of ROWS) {
    test(name, () => assert.deepEqual(socket().read(REQUEST, { info }), ip === undefined ? {} : { ip }));
  }
  test("no platform", () => assert.deepEqual(socket().read(REQUEST), {}));
});

describe("denoDeploy()", () => {
  const env = {
    DENO_DEPLOYMENT_ID: "abc123",
    DENO_TIMELINE: "git-branch/main",
    DENO_DEPLOY_BUILD_ID: "",
    DENO_DEPLOY_APP_SLUG: "edge",
  };
  const info = new DenoInfo({ transport: "tcp", hostname: "198.51.100.7", port: 1 });
  const rows: readonly [fields: readonly DenoField[] | undefined, signals: unknown][] = [
    [undefined, { ip: "198.51.100.7", deploymentId: "abc123", timeline: "git-branch/main" }],
    [["ip"], { ip: "198.51.100.7" }],
    [["app", "buildId", "organization"], { app: "edge" }],
  ];
  for (const [fields, signals] of rows) {
    test(
      String(fields),
      () => assert.deepEqual(denoDeploy({ env, ...(fields && { fields }) }).read(REQUEST, { info }), signals),
    );
  }
  test("elsewhere there is no deployment", () =>
    assert.deepEqual(denoDeploy({ env: {} }).read(REQUEST, { info }), { ip: "198.51.100.7" }));
  test("a field that there is not stops the start", () => {
    assert.throws(() => denoDeploy({ env, fields: ["region" as DenoField] }), {
      name: "TypeError",
      message: 'Cannot read the field "region": choose from ip, deploymentId, buildId, timeline, organization, app',
    });
  });
});
