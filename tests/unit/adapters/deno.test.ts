/** The handler for Deno, called as Deno calls it, and as others do in its stead. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ready } from "../../../adapters/deno.ts";
import type { DenoServeInfo } from "../../../adapters/_types.ts";

const place = globalThis as { Deno?: unknown };
const isDeno = place.Deno !== undefined;

describe("the handler for Deno", () => {
  // Elsewhere there is no such global: only the environment is read of it.
  before(() => {
    if (!isDeno) place.Deno = { env: { get: () => undefined, toObject: () => ({}) } };
  });
  after(() => {
    if (!isDeno) delete place.Deno;
  });

  const remoteAddr = { transport: "tcp", hostname: "198.51.100.7", port: 1 };
  const settings = { EDGE_MAX_IN_FLIGHT: "1", EDGE_LOG: "none" };
  const ask = (server: ReturnType<typeof ready>, info?: DenoServeInfo): Promise<Response> =>
    server.fetch(new Request("http://p.example/.well-known/edgestamp/jwks.json", { method: "POST" }), info!);
  const codeOf = async (response: Response): Promise<string> => (await response.json()).code;

  test("counts a request until Deno says that it is over", async () => {
    const server = ready(settings);
    let complete = (): void => {};
    const completed = new Promise<void>((resolve) => complete = resolve);
    assert.notEqual(await codeOf(await ask(server, { remoteAddr, completed })), "edge_overloaded");
    assert.equal(await codeOf(await ask(server, { remoteAddr, completed })), "edge_overloaded");
    complete();
    await completed;
    assert.notEqual(await codeOf(await ask(server, { remoteAddr, completed })), "edge_overloaded");
  });
  test("answers where nobody says so, and counts nothing that would never end", async () => {
    const server = ready(settings);
    for (const info of [{ remoteAddr }, { remoteAddr }, undefined]) {
      assert.notEqual(await codeOf(await ask(server, info)), "edge_overloaded");
    }
  });
});
