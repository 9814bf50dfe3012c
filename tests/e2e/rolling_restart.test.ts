/**
 * Servers are replaced one after another while chats go on through the SDK's own transport: each turn comes
 * to its end, whole, and its message was told to the agent once.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { type Local, startLocal } from "../../dev/serve.ts";
import { COMMANDS, type ServerName, type Spawned, start } from "../runtime/spawned.ts";
import { eventually } from "../conformance/uploads.ts";
import { type Browser, configureServer, openBrowser } from "./clients.ts";
import { words } from "./world.ts";

const CHATS = 3;
const ROLLS = 2;
/** What a turn's stream takes, so that streams are open whenever a server stops. */
const WORDS = 25;

/** A balancer as they stand before such servers: new connections go to the newest server. */
interface Balancer {
  readonly url: string;
  target: number;
  close(): void;
}

async function startBalancer(): Promise<Balancer> {
  const sockets = new Set<Socket>();
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  const balancer: Balancer & { url: string } = { url: "", target: 0, close };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const behind = connect({ port: balancer.target, host: "127.0.0.1", allowHalfOpen: true });
    client.pipe(behind).pipe(client);
    for (const [one, other] of [[client, behind], [behind, client]] as const) {
      sockets.add(one);
      one.setNoDelay(true).on("error", () => other.destroy()).on(
        "close",
        () => sockets.delete(one) && other.destroySoon(),
      );
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  balancer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return balancer;
}

let local: Local;
const running: Spawned[] = [];
const balancers: Balancer[] = [];
before(async () => {
  local = await startLocal({ bundle: true });
});
after(async () => {
  for (const { child } of running) child.kill("SIGKILL");
  for (const balancer of balancers) balancer.close();
  await local.close();
});

/** Says one thing after another until told to end; gives what was said. */
async function keepTalking(page: Browser, isOver: () => boolean, ended: () => void): Promise<string[]> {
  const said: string[] = [];
  while (!isOver()) {
    const text = `${said.length} ${words(WORDS)}`;
    const turn = await page.say(text);
    assert.deepEqual(turn.errors, []);
    assert.equal(turn.text, `You said: ${text}`);
    said.push(text);
    ended();
  }
  return said;
}

describe("a rolling restart under load loses no turn", () => {
  for (const name of Object.keys(COMMANDS) as ServerName[]) {
    it(name, async () => {
      const balancer = await startBalancer();
      balancers.push(balancer);
      const launch = async (): Promise<void> => {
        const server = await start(name, { TRIGGER_API_UPSTREAM: local.url });
        assert.notEqual(server.url, "", server.output());
        running.push(server);
        balancer.target = Number(new URL(server.url).port);
      };
      await launch();
      let isOver = false;
      let turns = 0;
      const target = { local, writes: balancer.url, reads: balancer.url };
      configureServer(target);
      const clientData = { userId: "user-1", __cf: { botScore: 88, ja4: "t13d1516h2", asn: 64500, country: "NL" } };
      const pages = Array.from({ length: CHATS }, () => openBrowser(target, { clientData }));
      const talking = pages.map((page) => keepTalking(page, () => isOver, () => turns++));
      // Whoever fails is told about at once.
      const failed = Promise.all(talking);
      failed.catch(() => {});
      for (let roll = 0; roll < ROLLS; roll++) {
        // Somebody has gone on since the last one; the others are somewhere in their turns.
        const before = turns;
        await Promise.race([failed, eventually(() => turns > before, 60_000, "a turn ends")]);
        const old = running.at(-1)!;
        await launch();
        const began = Date.now();
        old.child.kill("SIGTERM");
        assert.equal(await old.exited, 0);
        assert.ok(Date.now() - began < 9_000, `the server took ${Date.now() - began} ms to end`);
      }
      isOver = true;
      const said = await failed;
      for (const [i, { chatId }] of pages.entries()) {
        const turns = local.runner.observations.filter((one) => one.kind === "turn" && one.chatId === chatId);
        assert.equal(turns.length, said[i]!.length, "a message was told twice, or never");
      }
    });
  }
});
