/** A caller that goes away ends what it was reading, and never a message that had arrived whole. */
import assert from "node:assert/strict";
import { open, toBytes } from "../client.ts";
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
import { authority, type Case, type Surface } from "../surface.ts";
import { faultsOf } from "../oracle.ts";
import { answersHalfClosed, leave } from "../runtimes.ts";
import { beginUpload, eventually, settle } from "../uploads.ts";
import { answerOf } from "./answers.ts";
import { chunk, openStream } from "./streams.ts";

const READS: readonly (readonly [name: string, target: string])[] = [
  ["a stream", `/realtime/v1/sessions/${CHAT}/out`],
  ["a read", "/api/v1/runs/run_1"],
];

/** The upstream has the request and says nothing; the caller leaves. */
const endsUnanswered = ([name, target]: (typeof READS)[number]): Case => ({
  name: `ends ${name} upstream within a second when the caller leaves before its answer began`,
  async run(surface) {
    surface.upstream.answer(({ request }) => request.closed);
    const upload = beginUpload(surface, { method: "GET", target, fields: [bearer(PUBLIC_TOKEN)] }, 0);
    const request = await upload.arrived();
    leave(upload.socket, surface.runtime);
    await eventually(() => request.gone, 1_000, "the upstream's connection ends");
  },
});

const STAMPED = [["append", APPEND, messageBody()], ["create", CREATE, createBody()]] as const;

/** Where the message is when its caller leaves: its signals are read, it is sealed, its answer is waited for. */
type Moment = "reading" | "sealing" | "waiting";

/** The caller leaves at `moment`; the message must reach the upstream once, and be answered there. */
async function carriesThrough(
  surface: Surface,
  [, target, body]: (typeof STAMPED)[number],
  moment: Moment,
): Promise<void> {
  const before = surface.upstream.requests.length;
  let answered = 0;
  let isGivenUp = false;
  surface.upstream.answer(async ({ request, write }) => {
    await settle(200);
    isGivenUp = request.gone;
    await write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}`);
    answered++;
  });
  const fields = asCaller(PUBLIC_TOKEN, ...(moment === "reading" ? [[STEER, "wait 150"] as const] : []));
  const { socket } = open(
    surface.ports[moment === "sealing" ? "sealed" : "standard"],
    toBytes({ target, fields, body }),
  );
  if (moment !== "waiting") await settle(60);
  else await eventually(() => surface.upstream.requests.length > before, 15_000, "the message arrives");
  leave(socket, surface.runtime);
  await eventually(() => surface.upstream.requests[before]?.whole === true, 15_000, "the message arrives whole");
  await eventually(() => answered === 1, 15_000, "the upstream answers");
  assert.ok(!isGivenUp, "the message was given up before it was answered");
  await settle();
  const arrived = surface.upstream.requests.slice(before);
  assert.equal(arrived.length, 1);
  assert.deepEqual(faultsOf(arrived[0]!, authority(surface), [surface.stamp]), []);
}

/** What stops arriving in the middle: `size` bytes of it come, then the caller leaves. */
async function forwardsNothing(
  surface: Surface,
  target: string,
  body: string,
  framing: "length" | "chunked",
  end: "end" | "destroy",
): Promise<void> {
  const before = surface.upstream.requests.length;
  const upload = beginUpload(surface, { target, fields: asCaller(PUBLIC_TOKEN), body, framing }, 60);
  await settle(60);
  if (end === "end") upload.socket.end();
  else leave(upload.socket, surface.runtime);
  await settle(200);
  upload.socket.destroy();
  const arrived = surface.upstream.requests.slice(before);
  assert.deepEqual(
    arrived.map(({ body }) => body.toString()),
    [],
    "a part of a body was forwarded as if it were whole",
  );
}

const HALVES = [
  ["an append", APPEND, messageBody()],
  ["a create", CREATE, createBody()],
  ["an untouched record", APPEND, `"${"words ".repeat(50)}"`],
  ["an untouched post", "/api/v1/waitpoints/tokens/w/complete", `{"data":"${"x".repeat(300)}"}`],
] as const;

export const aborts: readonly Case[] = [
  ...READS.map(endsUnanswered),
  {
    name: "ends a silent stream upstream within a second when the caller leaves",
    async run(surface) {
      const { exchange, opened, socket } = await openStream(surface, PUBLIC_TOKEN);
      await opened.parts.next();
      leave(socket, surface.runtime);
      await eventually(() => exchange.request.gone, 1_000, "the upstream's connection ends");
    },
  },
  {
    name: "ends a busy stream upstream within a second when the caller leaves",
    async run(surface) {
      const { exchange, opened, socket } = await openStream(surface, PUBLIC_TOKEN);
      await opened.parts.next();
      socket.destroy();
      const ticks = setInterval(() => void exchange.write(chunk("data: 2\n\n")), 100);
      void exchange.request.closed.then(() => clearInterval(ticks));
      await eventually(() => exchange.request.gone, 1_000, "the upstream's connection ends");
    },
  },
  ...STAMPED.flatMap((row): Case[] => [
    {
      name: `carries through ${row[0]} whose caller leaves before the answer`,
      run: (surface) => carriesThrough(surface, row, "waiting"),
    },
    {
      name: `carries through ${row[0]} whose caller leaves while the signals are read`,
      run: (surface) => carriesThrough(surface, row, "reading"),
    },
    {
      name: `carries through ${row[0]} whose caller leaves while it is sealed`,
      run: (surface) => carriesThrough(surface, row, "sealing"),
    },
  ]),
  {
    name: "carries through an append whose caller says nothing more, and answers it where the runtime can",
    async run(surface) {
      const before = surface.upstream.requests.length;
      surface.upstream.answer(async (exchange) => {
        await settle(150);
        await answerOf(200, [], '{"ok":true}')(exchange);
      });
      const bytes = toBytes({ target: APPEND, fields: asCaller(PUBLIC_TOKEN), body: messageBody() });
      const { socket, opened } = open(surface.ports.standard, bytes);
      // Earlier, a runtime may take it for one who left in the middle of a body, as Deno does now and then.
      await eventually(() => surface.upstream.requests[before]?.whole === true, 15_000, "the message arrives whole");
      socket.end();
      const { status } = await opened();
      assert.equal(status, answersHalfClosed(surface.runtime) ? 200 : 0);
      await eventually(() => surface.upstream.requests[before]?.answered === true, 15_000, "the upstream answers");
      assert.equal(surface.upstream.requests.length, before + 1);
      socket.destroy();
    },
  },
  {
    name: "waits for a body that comes slowly, and forwards it whole and once",
    async run(surface) {
      const before = surface.upstream.requests.length;
      for (const framing of ["length", "chunked"] as const) {
        const request = { target: APPEND, fields: asCaller(PUBLIC_TOKEN), body: messageBody(), framing };
        const upload = beginUpload(surface, request, 0);
        const rest = toBytes(request);
        for (let at = rest.indexOf("\r\n\r\n") + 4; at < rest.length; at += 40) {
          upload.socket.write(rest.subarray(at, at + 40));
          await settle(30);
        }
        assert.equal((await upload.opened()).status, 200);
        upload.socket.destroy();
      }
      const arrived = surface.upstream.requests.slice(before);
      assert.equal(arrived.length, 2);
      for (const one of arrived) assert.deepEqual(faultsOf(one, authority(surface), [surface.stamp]), []);
    },
  },
  ...HALVES.flatMap(([name, target, body]) =>
    (["length", "chunked"] as const).flatMap((framing) =>
      (["end", "destroy"] as const).map((end): Case => ({
        name: `forwards nothing of ${name} (${framing}) that breaks off by ${end}`,
        run: (surface) => forwardsNothing(surface, target, body, framing, end),
      }))
    )
  ),
  {
    name: "breaks off a server's upload upstream where it breaks off here",
    async run(surface) {
      const body = Buffer.alloc(50_000, "x");
      const upload = beginUpload(
        surface,
        { target: "/api/v3/batches/b1/items", fields: asCaller(SECRET_KEY), body },
        20_000,
      );
      const request = await upload.arrived();
      await eventually(() => request.body.length > 0, 15_000, "the first part arrives");
      upload.socket.destroy();
      await eventually(() => request.gone, 2_000, "the upstream's connection ends");
      assert.equal(request.whole, false);
    },
  },
  {
    name: "serves on after all these departures",
    async run(surface) {
      surface.upstream.answer();
      const upload = beginUpload(
        surface,
        { target: APPEND, fields: asCaller(PUBLIC_TOKEN), body: messageBody() },
        messageBody().length,
      );
      assert.equal((await upload.opened()).status, 200);
      upload.socket.destroy();
    },
  },
];
