/**
 * An upstream that fails, in every way that a peer can: each has one outcome, a clear 502 or 504 in
 * stated time, or what the upstream said, and never one message twice.
 */
import assert from "node:assert/strict";
import { valueOf } from "../http1.ts";
import type { Answer, Exchange, Recorded } from "../recorder.ts";
import { APPEND, asCaller, CHAT, CREATE, createBody, messageBody, PUBLIC_TOKEN } from "../requests.ts";
import { takesAnyHead } from "../runtimes.ts";
import { HASTY_MS, PAGE, type ServerName } from "../servers.ts";
import { type Case, describe, type Exchanged, send, type Surface } from "../surface.ts";
import { settle } from "../uploads.ts";
import { answerOf } from "./answers.ts";

/** As `src/limits.ts` has it: tests say what they expect. */
const ATTEMPTS = 3;

/** How much later than stated an answer may be on a machine that is busy. */
const SLACK_MS = 2_500;

type Kind = "append" | "large append" | "create" | "read";
const KINDS: readonly Kind[] = ["append", "large append", "create", "read"];

/** A message that Node sends in pieces, each time anew. */
const LARGE = messageBody(`{"s":"${"é0".repeat(100_000)}"}`);

function ask(surface: Surface, kind: Kind, to: ServerName = "standard"): Promise<Exchanged> {
  const fields = asCaller(PUBLIC_TOKEN, ["Origin", PAGE]);
  if (kind === "read") return send(surface, { method: "GET", target: `/api/v1/sessions/${CHAT}`, fields }, to);
  const [target, body] = kind === "create"
    ? [CREATE, createBody()]
    : [APPEND, kind === "append" ? messageBody() : LARGE];
  return send(surface, { target, fields, body }, to);
}

/** A failure that the proxy tells: its status and code, and CORS, or no page could read them. */
function assertFailed({ answer }: Exchanged, status: number, code: string): void {
  assert.equal(answer.status, status, describe(answer));
  assert.equal((JSON.parse(answer.body.toString()) as { code: string }).code, code);
  assert.equal(valueOf(answer.fields, "access-control-allow-origin"), PAGE);
}

/** Every attempt was the same message under the same part id: the upstream stores it once. */
function assertOneMessage(arrived: readonly Recorded[]): void {
  const ids = new Set(arrived.map(({ fields }) => valueOf(fields, "x-part-id")));
  assert.equal(ids.size, 1);
  assert.ok(![...ids].includes(undefined));
  assert.equal(new Set(arrived.map(({ body }) => body.toString())).size, 1);
  // The upstream takes no other framing.
  for (const { framing, body } of arrived) assert.equal(framing, body.length);
}

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

/** Breaks a connection off, in the two ways that there are. */
const BREAKS: readonly (readonly [name: string, how: (exchange: Exchange) => void])[] = [
  ["ends", ({ end }) => end()],
  ["resets", ({ reset }) => reset()],
];

/** What comes before the break, while no answer has begun. */
const BEFORE: readonly (readonly [name: string, bytes: string])[] = [
  ["before its answer", ""],
  ["in a status line", "HTTP/1.1 20"],
  ["in a head", `${HEAD}content-le`],
  ["behind an interim answer", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"],
];

const unanswered = BEFORE.flatMap(([where, bytes]) =>
  BREAKS.map(([how, breakOff]): Case => ({
    name: `answers 502 where the upstream ${how} ${where}, and tries only appends again`,
    async run(surface) {
      for (const kind of KINDS) {
        surface.upstream.answer(async (exchange) => {
          if (bytes !== "") await exchange.write(bytes);
          breakOff(exchange);
        });
        const began = Date.now();
        const exchanged = await ask(surface, kind);
        assertFailed(exchanged, 502, "edge_upstream_unreachable");
        assert.ok(Date.now() - began < SLACK_MS, `the answer took ${Date.now() - began} ms`);
        const { length } = exchanged.arrived;
        if (kind === "append" || kind === "large append") {
          assert.ok(length >= ATTEMPTS, `${length} attempts`);
          assertOneMessage(exchanged.arrived);
        } else if (kind === "create") {
          assert.equal(length, 1, `the create was sent ${length} times`);
        }
      }
    },
  }))
);

const LONG_HEAD = "a header of 1 MiB";

/** What speaks no HTTP/1.1, or ends it in a way that no reader may guess at. */
const GARBAGE: readonly (readonly [name: string, bytes: string])[] = [
  ["words", "nonsense\r\n\r\n"],
  ["TLS", "\x16\x03\x03\x00\x02\x02\x28"],
  ["HTTP/2", "\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff"],
  ["SSH", "SSH-2.0-OpenSSH_9.9\r\n"],
  ["a status without digits", "HTTP/1.1 abc OK\r\ncontent-length: 2\r\n\r\n{}"],
  ["a length that is no number", `${HEAD}content-length: many\r\n\r\n{}`],
  ["two lengths", `${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\n{} `],
  [LONG_HEAD, `${HEAD}x-a: ${"a".repeat(1024 * 1024)}\r\ncontent-length: 2\r\n\r\n{}`],
];

const garbage = GARBAGE.map(([name, bytes]): Case => ({
  name: `answers 502 for an upstream that speaks ${name}`,
  async run(surface) {
    surface.upstream.answer(async ({ write, end }) => {
      await write(Buffer.from(bytes, "latin1"));
      end();
    });
    for (const kind of ["create", "read"] as const) {
      const exchanged = await ask(surface, kind);
      if (name === LONG_HEAD && takesAnyHead(surface.runtime)) assert.equal(exchanged.answer.body.toString(), "{}");
      else assertFailed(exchanged, 502, "edge_upstream_unreachable");
    }
  },
}));

/** One byte at a time, `everyMs`, until nobody listens. */
async function trickle({ write, request }: Exchange, text: string, everyMs: number): Promise<void> {
  for (const byte of text) {
    if (request.gone) return;
    await write(byte);
    await settle(everyMs);
  }
}

/** Upstreams that are late with their answer's head, and what is said of them in time. */
const LATE: readonly (readonly [name: string, kinds: readonly Kind[], answer: Answer])[] = [
  ["takes a request and says nothing", KINDS, ({ request }) => request.closed],
  [
    "gives an answer's head byte by byte",
    ["append"],
    (exchange) => trickle(exchange, `${HEAD}x-pad: ${"a".repeat(500)}`, 10),
  ],
];

const late = LATE.map(([name, kinds, answer]): Case => ({
  name: `answers 504 in time where the upstream ${name}, and sends it once`,
  async run(surface) {
    surface.upstream.answer(answer);
    for (const kind of kinds) {
      const began = Date.now();
      const exchanged = await ask(surface, kind, "hasty");
      const took = Date.now() - began;
      assertFailed(exchanged, 504, "edge_upstream_timeout");
      assert.ok(took > HASTY_MS - 50 && took < HASTY_MS + SLACK_MS, `the answer took ${took} ms`);
      assert.equal(exchanged.arrived.length, 1, "what may still be answered was sent again");
    }
  },
}));

/** Answers that end before they are whole: the caller must be able to see that. */
const TORN: readonly (readonly [name: string, head: string])[] = [
  ["with a length", "content-length: 100\r\n\r\n{"],
  ["in chunks", "transfer-encoding: chunked\r\n\r\n1\r\n{\r\n"],
  ["in the middle of a chunk", "transfer-encoding: chunked\r\n\r\n64\r\n{"],
];

const torn = TORN.flatMap(([name, head]) =>
  BREAKS.map(([how, breakOff]): Case => ({
    name: `breaks an answer ${name} off where the upstream ${how} in it, and sends nothing again`,
    async run(surface) {
      for (const kind of KINDS) {
        surface.upstream.answer(async (exchange) => {
          await exchange.write(HEAD + head);
          await settle(50);
          breakOff(exchange);
        });
        const before = surface.upstream.requests.length;
        // A head that was not sent yet may still become a 502; what never comes is an answer that looks whole.
        const outcome = await ask(surface, kind).catch((error: Error) => error.message);
        if (typeof outcome === "string") assert.match(outcome, /the body ended/);
        else assert.ok([0, 502].includes(outcome.answer.status), describe(outcome.answer));
        assert.equal(surface.upstream.requests.length - before, 1, "an answer had begun");
      }
    },
  }))
);

/** What an upstream says when it has trouble is the upstream's to say. */
const troubled = [429, 500, 502, 503, 504].map((status): Case => ({
  name: `returns the upstream's own ${status} as it came, and sends nothing again`,
  async run(surface) {
    const body = `{"error":"of the upstream"}`;
    surface.upstream.answer(answerOf(status, [["retry-after", "7"], ["content-type", "application/json"]], body));
    for (const kind of KINDS) {
      const { answer, arrived } = await ask(surface, kind);
      assert.equal(answer.status, status);
      assert.equal(answer.body.toString(), body);
      assert.equal(valueOf(answer.fields, "retry-after"), "7");
      assert.equal(valueOf(answer.fields, "access-control-allow-origin"), PAGE);
      assert.equal(arrived.length, 1);
    }
  },
}));

const FORGED_ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n[forged]";

const odd: readonly Case[] = [
  {
    name: "hands on an answer whose body comes byte by byte for longer than an answer may take to begin",
    async run(surface) {
      const body = `{"slow":"${"x".repeat(60)}"}`;
      surface.upstream.answer(async (exchange) => {
        await exchange.write(`${HEAD}content-length: ${body.length}\r\n\r\n`);
        await trickle(exchange, body, 1.2 * HASTY_MS / body.length);
      });
      assert.equal((await ask(surface, "append", "hasty")).answer.body.toString(), body);
    },
  },
  {
    name: "takes no more of an answer than its length says, and gives the rest to nobody",
    async run(surface) {
      surface.upstream.answer(({ write }) => write(`${HEAD}content-length: 2\r\n\r\n{}${FORGED_ANSWER}`));
      for (const kind of [...KINDS, ...KINDS]) {
        const { answer } = await ask(surface, kind);
        if (answer.status !== 502) assert.equal(answer.body.toString(), "{}");
      }
      surface.upstream.answer(answerOf(200, [], "[true]"));
      for (const kind of [...KINDS, ...KINDS]) {
        const { answer } = await ask(surface, kind);
        if (answer.status !== 502) assert.equal(answer.body.toString(), "[true]", "another request's bytes");
      }
    },
  },
  {
    name: "answers 502 where the upstream's certificate does not verify, and sends it nothing",
    async run(surface) {
      for (const kind of KINDS) {
        const began = Date.now();
        assertFailed(await ask(surface, kind, "untrusted"), 502, "edge_upstream_unreachable");
        assert.ok(Date.now() - began < SLACK_MS, `the answer took ${Date.now() - began} ms`);
      }
    },
  },
  {
    name: "answers 502 with CORS where the upstream refuses connections, within its budget",
    async run(surface) {
      for (const kind of KINDS) {
        const began = Date.now();
        assertFailed(await ask(surface, kind, "dead"), 502, "edge_upstream_unreachable");
        assert.ok(Date.now() - began < SLACK_MS, `the answer took ${Date.now() - began} ms`);
      }
    },
  },
  {
    name: "waits for all attempts of an append together no longer than for one",
    async run(surface) {
      // The first attempt dies when most of the time is over; the next is left hanging.
      let tries = 0;
      surface.upstream.answer(async ({ request, end }) => {
        if (++tries > 1) return await request.closed;
        await settle(HASTY_MS - 200);
        end();
      });
      const began = Date.now();
      assertFailed(await ask(surface, "append", "hasty"), 504, "edge_upstream_timeout");
      const took = Date.now() - began;
      assert.ok(took < 2 * HASTY_MS - 250, `the answer took ${took} ms`);
    },
  },
  {
    name: "delivers an append whose first attempts died, under one part id",
    async run(surface) {
      for (let dying = 1; dying < ATTEMPTS; dying++) {
        let tries = 0;
        surface.upstream.answer((exchange) =>
          ++tries <= dying ? exchange.reset() : answerOf(200, [], '{"ok":true}')(exchange)
        );
        const { answer, arrived } = await ask(surface, "append");
        assert.equal(answer.body.toString(), '{"ok":true}');
        assert.ok(arrived.length > dying);
        assertOneMessage(arrived);
      }
    },
  },
];

export const faults: readonly Case[] = [...unanswered, ...garbage, ...late, ...torn, ...troubled, ...odd];
