/**
 * What hostile requests may cost: time in proportion to their length, and memory in proportion to their body. The
 * allowances are many times what was measured, and a small part of what anything quadratic would take.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { FIELDS, type Kind } from "../../adapters/_fields.ts";
import { akamai } from "../../adapters/akamai.ts";
import { cloudfront } from "../../adapters/cloudfront.ts";
import { forwarded } from "../../adapters/forwarded.ts";
import { headers } from "../../adapters/headers.ts";
import { PATHS, post, through } from "../unit/properties/through_proxy.ts";

const MIB = 1024 * 1024;
const APPEND_ROOM = MIB - 1_000;
const HELD_ROOM = 4 * MIB - 1_000;
const TRIGGER = "/api/v1/tasks/chat/trigger";
// Measured on two shared cores: at most 60 ms for an append, 170 ms for a held body, 2 ms for a path.
const ALLOWED_MS = 500;
const ALLOWED_PATH_MS = 100;

const fill = (piece: string, room: number): string => piece.repeat(Math.floor(room / piece.length));
const payload = (inner: string): string => `{"kind":"message","payload":{"chatId":"chat-1",${inner}}}`;

/** Bodies for an append: what is repeated, and what it is in. */
const APPENDS: Readonly<Record<string, string>> = {
  "escaped quotes": payload(`"m":"${fill('\\"', APPEND_ROOM)}"`),
  "escaped quotes, not ASCII": payload(`"m":"é${fill('\\"', APPEND_ROOM)}"`),
  "backslashes": payload(`"m":"${fill("\\\\", APPEND_ROOM)}"`),
  "empty strings": payload(`"m":[${fill('"",', APPEND_ROOM)}""]`),
  "keys": payload(`${fill('"a":1,', APPEND_ROOM)}"b":1`),
  "escaped keys": payload(`${fill('"\\u0061":1,', APPEND_ROOM)}"b":1`),
  "keys with bad escapes": payload(`${fill('"\\x":1,', APPEND_ROOM)}"b":1`),
  "keys that matter": payload(`${fill('"chatId":1,', APPEND_ROOM)}"b":1`),
  "kinds": `{${fill('"kind":1,', APPEND_ROOM)}"kind":"message"}`,
  "brackets": payload(`"m":${fill("[", APPEND_ROOM)}`),
  "brackets, closed": payload(`"m":[${fill(`${"[".repeat(200)}${"]".repeat(200)},`, APPEND_ROOM)}1]`),
  "spaces": payload(`"m":${fill(" ", APPEND_ROOM)}1`),
  "digits": payload(`"m":${fill("1", APPEND_ROOM)}`),
  "an unterminated string": `{"kind":"message","payload":{"m":"${fill('\\"', APPEND_ROOM)}`,
  "quotes in a string": JSON.stringify(fill('"', APPEND_ROOM / 2)),
  "brackets in a string": JSON.stringify(fill("[", APPEND_ROOM)),
  "a message in a string in a string": JSON.stringify(JSON.stringify(payload(`"m":"${fill("a", APPEND_ROOM - 100)}"`))),
};

/** Bodies for the tripwire. All have an escape, which makes it look. */
const HELD: Readonly<Record<string, string>> = {
  "quotes": `"\\u0061"${fill('"', HELD_ROOM)}`,
  "escaped quotes": `"\\u0061${fill('\\"', HELD_ROOM)}`,
  "strings that begin like JSON": `["\\u0061",${fill('"[",', HELD_ROOM)}1]`,
  "strings in strings": JSON.stringify(JSON.stringify(JSON.stringify(["\u0001", fill('["', HELD_ROOM / 60)]))),
  "open lines": `"\\u0061"${fill('"\n', HELD_ROOM)}`,
  "open lines with escaped quotes": `"\\u0061"${fill('"\\"\n', HELD_ROOM)}`,
  "one line of strings": `["\\u0061",${fill('"a",', HELD_ROOM)}1]`,
  "strings and spaces": `["\\u0061",${fill('"a"     ,', HELD_ROOM)}1]`,
  "spaces": `["\\u0061"${fill(" ", HELD_ROOM)},1]`,
  "bad escapes": `["\\u0061",${fill('"\\x",', HELD_ROOM)}1]`,
  "lines of bad escapes": `"\\u0061"\n${fill('"\\x"\n', HELD_ROOM)}`,
  "payload types": `{${fill('"payloadType":"x",', HELD_ROOM)}"a":"\\u0061"}`,
  "dots in superjson's paths": `{"referentialEqualities":1,"a":"\\u0061${fill(".", HELD_ROOM)}"}`,
};

/** What may stand in a path of 30 kB. */
const PIECES = [
  "25",
  "%25",
  "%2525",
  "%20",
  "%5c",
  "%2f",
  "%2f%2e%2e",
  ";",
  ";a",
  "..%2f",
  "a",
  "A",
  "é",
  "%00",
  "?",
  "\\",
];

/** What {@link yardstick} takes on the machine that the allowances were measured on. */
const YARDSTICK_MS = 15;
const TRIES = 5;

/**
 * Fails where something takes more than `allowedMs` of the processor's time, each time that it is tried. A machine that is
 * shared may be slower by much, and for moments only: so the allowance grows with what a yardstick takes beside it.
 */
async function assertCheap(work: () => Promise<unknown>, allowedMs: number, what?: string): Promise<void> {
  const tries: string[] = [];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const before = await timed(yardstick);
    const taken = await timed(work);
    const slowness = Math.max(1, before / YARDSTICK_MS, await timed(yardstick) / YARDSTICK_MS);
    if (taken < allowedMs * slowness) return;
    tries.push(`${taken.toFixed(0)} ms at a slowness of ${slowness.toFixed(1)}`);
  }
  assert.fail(`over ${allowedMs} ms each time: ${tries.join(", ")}${what === undefined ? "" : ` (${what})`}`);
}

async function timed(work: () => unknown): Promise<number> {
  const began = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}

const LETTERS = "abcdefgh".repeat(128 * 1024);

/** Looks at 4 Mi characters. */
function yardstick(): number {
  let sum = 0;
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < LETTERS.length; i++) sum = (sum * 31 + LETTERS.charCodeAt(i)) | 0;
  }
  return sum;
}

describe("time", () => {
  const proxy = through({ guard: "standard" });
  const off = through({ guard: "off" });
  for (const [name, body] of Object.entries(APPENDS)) {
    it(`an append full of ${name}`, async () => {
      assert.ok(body.length < MIB);
      for (const send of [proxy, off]) await assertCheap(() => send(post(PATHS.append, body)), ALLOWED_MS);
    });
  }
  for (const [name, body] of Object.entries(HELD)) {
    it(`a held body full of ${name}`, async () => {
      assert.ok(body.length < 4 * MIB);
      await assertCheap(() => proxy(post(TRIGGER, body)), ALLOWED_MS);
    });
  }
  for (const piece of PIECES) {
    it(`a path full of ${JSON.stringify(piece)}`, async () => {
      const path = fill(piece, 30_000);
      for (const target of [`/%${path}`, `/a/${path}`, `/realtime/v1/sessions/${path}/in/append`, `/x?_data=${path}`]) {
        await assertCheap(() => proxy(post(target, "{}")), ALLOWED_PATH_MS, target.slice(0, 60));
      }
    });
  }
});

const everywhere = { assumeTopology: true } as const;
const loopback = { info: { socket: { remoteAddress: "127.0.0.1" } } };
const KINDS: readonly Kind[] = [...new Set([...Object.values(FIELDS), "text", "percent", "integer"] as const)];

/** Who reads headers, and from which. */
const READERS = {
  "X-Forwarded-For": [forwarded({ trusted: ["127.0.0.1"] }), ["x-forwarded-for"]],
  "Forwarded": [forwarded({ trusted: ["127.0.0.1"], header: "forwarded" }), ["forwarded"]],
  "Akamai's": [
    akamai({ headers: ["x-akamai-edgescape", "akamai-bot"], ...everywhere }),
    ["x-akamai-edgescape", "akamai-bot"],
  ],
  "CloudFront's": [
    cloudfront({ headers: ["cloudfront-viewer-address", "cloudfront-viewer-tls"], ...everywhere }),
    ["cloudfront-viewer-address", "cloudfront-viewer-tls"],
  ],
  "of every kind": [
    headers({ map: Object.fromEntries(KINDS.map((kind) => [kind, { header: `x-${kind}`, as: kind }])), ...everywhere }),
    KINDS.map((kind) => `x-${kind}`),
  ],
} as const;

/** What a header may be full of, and what may stand around it. */
const FILLINGS = ' |\t|,|;|=|"|\\|a|a=|a=b;|a="|for=|for=1.1.1.1,|%a|%41|[|:|1|.| (|) |é'.split("|");
const AROUND = [["", ""], ["", "!"], ["for=1.1.1.1,", "!"], ['a="', ""], ["a=b", "!"], ["[", "]"]] as const;
const SHORT = 4_000;
const TIMES = 8;
/** What is in proportion takes as long for one long value as for as many short ones; what is quadratic takes 8 times as long. */
const MOST_GROWTH = 4;

/** How much longer one long value takes than short ones of the same length together: the least of some tries. */
async function growth(work: (filling: string) => unknown, filling: string): Promise<number> {
  const [short, long] = [fill(filling, SHORT), fill(filling, SHORT * TIMES)];
  const rounds = 3;
  let least = Infinity;
  for (let attempt = 0; attempt < TRIES && least > MOST_GROWTH; attempt++) {
    const base = await timed(async () => {
      for (let i = 0; i < rounds * TIMES; i++) await work(short);
    });
    const grown = await timed(async () => {
      for (let i = 0; i < rounds; i++) await work(long);
    });
    least = Math.min(least, grown / base);
  }
  return least;
}

describe("time for headers", () => {
  for (const [name, [provider, names]] of Object.entries(READERS)) {
    it(`${name}: in proportion to their length`, async () => {
      for (const filling of FILLINGS) {
        for (const [before, after] of AROUND) {
          const read = (text: string): unknown => {
            const given = Object.fromEntries(names.map((header) => [header, before + text + after]));
            return provider.read(new Request("http://proxy.test/", { headers: given }), loopback);
          };
          const times = await growth(read, filling);
          assert.ok(times <= MOST_GROWTH, `${before}${filling}…${after}: ${times.toFixed(1)} times as long`);
        }
      }
    });
  }
});

describe("memory", () => {
  it("a body in pieces of one byte takes little more than its bytes", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const usedBytes = (): number => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const pieces = 300_000;
    let sent = 0;
    let before = 0;
    let after = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent === 0) before = usedBytes();
        if (sent++ < pieces) return controller.enqueue(new Uint8Array(1));
        after = usedBytes();
        controller.close();
      },
    }, { highWaterMark: 0 });
    const init = { method: "POST", headers: { authorization: "x" }, body, duplex: "half" };
    await through({ guard: "standard" })(new Request(`http://proxy.test${TRIGGER}`, init as RequestInit));
    assert.equal(sent, pieces + 1);
    // A list of the pieces would take some 200 bytes for each.
    assert.ok(after - before < 20 * pieces, `${(after - before) / pieces} bytes for each byte`);
  });
});
