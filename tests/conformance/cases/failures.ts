/** What goes wrong on either side is told, and never half done. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { STEER } from "../../runtime/signals.ts";
import {
  APPEND,
  asCaller,
  bearer,
  CHAT,
  CREATE,
  createBody,
  messageBody,
  PUBLIC_TOKEN,
  SECRET_KEY,
} from "../requests.ts";
import { HASTY_MS } from "../servers.ts";
import { valueOf } from "../http1.ts";
import { closesOnUnread } from "../runtimes.ts";
import { assertRefused, type Case, send, theOne } from "../surface.ts";
import { beginUpload, settle } from "../uploads.ts";
import { answerOf } from "./answers.ts";

const MOUNTED_APPEND = `/mount${APPEND}`;
const READ = `/api/v1/sessions/${CHAT}`;

export const failures: readonly Case[] = [
  {
    name: "waits for a live read for as long as it takes",
    async run(surface) {
      surface.upstream.answer(async ({ write }) => {
        await settle(HASTY_MS * 2);
        await write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlate");
      });
      const target = "/mount/realtime/v1/runs/run_1?live=true";
      const { answer } = await send(surface, { method: "GET", target, fields: asCaller(PUBLIC_TOKEN) }, "mounted");
      assert.equal(answer.body.toString(), "late");
    },
  },
  {
    name: "never cuts an answer that began in time",
    async run(surface) {
      surface.upstream.answer(async ({ write }) => {
        await write("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nearl");
        await settle(HASTY_MS * 2);
        await write("late");
      });
      const { answer } = await send(
        surface,
        { method: "GET", target: `/mount${READ}`, fields: asCaller(PUBLIC_TOKEN) },
        "mounted",
      );
      assert.equal(answer.body.toString(), "earllate");
    },
  },
  {
    name: "answers 503 where the signals cannot be read",
    async run(surface) {
      for (const [target, body] of [[APPEND, messageBody()], [CREATE, createBody()]] as const) {
        const fields = asCaller(PUBLIC_TOKEN, [STEER, "throw"]);
        assertRefused(await send(surface, { target, fields, body }), 503, "edge_trust_unavailable");
      }
    },
  },
  {
    name: "stamps null where the signals cannot be read and the options say so",
    async run(surface) {
      for (const steer of ["throw", "late"]) {
        const fields = asCaller(PUBLIC_TOKEN, [STEER, steer]);
        theOne(surface, await send(surface, { target: MOUNTED_APPEND, fields, body: messageBody() }, "mounted"), null);
      }
    },
  },
  {
    name: "reads no signals for what is not stamped",
    async run(surface) {
      const { answer } = await send(surface, {
        method: "GET",
        target: READ,
        fields: [bearer(SECRET_KEY), [STEER, "throw"]],
      });
      assert.equal(answer.status, 200);
    },
  },
  ...(["length", "chunked"] as const).map((framing): Case => ({
    name: `answers 408 for a body that does not arrive in time, and hears no more of it: by ${framing}`,
    async run(surface) {
      const before = surface.upstream.requests.length;
      const { socket, opened } = beginUpload(
        surface,
        { target: MOUNTED_APPEND, fields: asCaller(PUBLIC_TOKEN), body: messageBody(), framing },
        50,
        "mounted",
      );
      const closed = once(socket, "close");
      const { status, fields } = await opened(HASTY_MS * 8);
      assert.equal(status, 408);
      assert.equal(valueOf(fields, "connection"), "close");
      assert.equal(surface.upstream.requests.length, before);
      if (closesOnUnread(surface.runtime)) await closed;
      socket.destroy();
    },
  })),
  {
    name: "refuses what is outside its base path",
    async run(surface) {
      for (const target of [APPEND, CREATE, "/mounted/api/v1/sessions", "/"]) {
        assertRefused(
          await send(surface, { target, fields: asCaller(PUBLIC_TOKEN), body: messageBody() }, "mounted"),
          400,
          "edge_path_outside",
        );
      }
    },
  },
  {
    name: "refuses methods that it does not know",
    async run(surface) {
      for (const method of ["TRACE", "PROPFIND", "SEARCH"]) {
        const { answer, arrived } = await send(surface, { method, target: APPEND, fields: asCaller(PUBLIC_TOKEN) });
        assert.equal(arrived.length, 0);
        // Some runtimes know fewer methods than the proxy refuses, and say so themselves.
        assert.ok([0, 400, 405, 501].includes(answer.status), String(answer.status));
      }
    },
  },
  {
    name: "says of a misbehaving upstream no more than that",
    async run(surface) {
      surface.upstream.answer(answerOf(999, [], "odd"));
      const { answer } = await send(surface, { method: "GET", target: READ, fields: asCaller(PUBLIC_TOKEN) });
      assert.ok(answer.status === 502 || answer.status === 999, String(answer.status));
      assert.doesNotMatch(answer.body.toString(), /stack|at .*\.ts|127\.0\.0\.1/);
    },
  },
];
