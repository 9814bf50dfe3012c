/** More open streams than a runtime may have been made for, and a message among them. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { COMMANDS, type ServerName, start, startUpstream } from "./spawned.ts";

/** Bun sends 256 requests at a time where nobody says otherwise before it starts. */
const STREAMS = 400;

let upstream: Awaited<ReturnType<typeof startUpstream>>;

before(async () => {
  upstream = await startUpstream(({ path }, response) => {
    if (!path.endsWith("/out")) return void response.end('{"ok":true}');
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: first\n\n");
  });
});
after(() => upstream.close());

describe("many streams at once", () => {
  for (const name of Object.keys(COMMANDS) as ServerName[]) {
    test(`${name}: each of ${STREAMS} has its first event, and a message is answered`, async () => {
      const { url, child, output, exited } = await start(name, { TRIGGER_API_UPSTREAM: upstream.url });
      const leave = new AbortController();
      try {
        const open = Array.from({ length: STREAMS }, async (_, at) => {
          const { body } = await fetch(`${url}/realtime/v1/sessions/chat-${at}/out`, { signal: leave.signal });
          return new TextDecoder().decode((await body!.getReader().read()).value);
        });
        assert.deepEqual(new Set(await Promise.all(open)), new Set(["data: first\n\n"]), output());
        const answer = await fetch(`${url}/realtime/v1/sessions/chat-0/in/append`, {
          method: "POST",
          body: '{"kind":"message","payload":{"chatId":"chat-0"}}',
        });
        assert.equal(answer.status, 200);
      } finally {
        leave.abort();
        child.kill("SIGKILL");
        await exited;
      }
    });
  }
});
