import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { type ClientOptions, createClient } from "../../src/client.ts";

const realNow = Date.now;
afterEach(() => {
  Date.now = realNow;
});

interface Sent {
  readonly url: string;
  readonly pass: string | null;
  readonly partId: string | null;
  readonly body: { session?: string; captchaToken?: string } & Record<string, unknown>;
}

const refusal = (code: string, more: object = {}, status = 403) =>
  Response.json({ ok: false, error: `${code}.`, code, ...more }, { status });

/** A proxy that answers from a list, and issues passes `pass-1`, `pass-2`, … of five minutes. */
function open(
  answers: (Response | Promise<Response> | "ok")[] = [],
  { passes = [], ...options }: Partial<ClientOptions> & { passes?: (Response | Promise<Response>)[] } = {},
) {
  const sent: Sent[] = [];
  const solved: unknown[] = [];
  let issued = 0;
  const client = createClient({
    proxy: "https://edge.example/api/",
    fetch: async (input, init) => {
      const url = String(input);
      const headers = new Headers(init?.headers);
      sent.push({
        url,
        pass: headers.get("x-edge-pass"),
        partId: headers.get("x-part-id"),
        body: JSON.parse(String(init?.body ?? "{}")),
      });
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (url.endsWith("/.edgestamp/pass")) {
        return passes.shift() ?? Response.json({ pass: `pass-${++issued}`, expiresAt: "", expiresInSeconds: 300 });
      }
      const answer = await (answers.shift() ?? "ok");
      return answer === "ok" ? Response.json({ ok: true, seq: 1 }) : answer;
    },
    solve: async (challenge, chatId) => `token-${solved.push([challenge, chatId])}`,
    ...options,
  });
  const init = {
    method: "POST",
    headers: { "X-Part-Id": "part-1", Authorization: "Bearer t" },
    body: JSON.stringify({ kind: "message" }),
  };
  const append = (chatId = "chat-1", headers: object = {}) =>
    client.fetch("https://edge.example/in/append", { ...init, headers: { ...init.headers, ...headers } }, {
      endpoint: "in",
      chatId,
    });
  const passesAsked = () => sent.filter(({ url }) => url.endsWith("/.edgestamp/pass"));
  return { client, sent, solved, append, passesAsked };
}

describe("pass()", () => {
  test("asks once, at the proxy's own path, and keeps what it gets", async () => {
    const { client, sent } = open();
    assert.deepEqual(await Promise.all([client.pass("chat-1"), client.pass("chat-1")]), ["pass-1", "pass-1"]);
    assert.equal(await client.pass("chat-1"), "pass-1");
    assert.equal(await client.pass("chat-2"), "pass-2");
    assert.deepEqual(sent.map(({ url, pass, body }) => [url, pass, body]), [
      ["https://edge.example/api/.edgestamp/pass", null, { session: "chat-1" }],
      ["https://edge.example/api/.edgestamp/pass", null, { session: "chat-2" }],
    ]);
  });
  test("renews before the end, and shows the last one", async () => {
    const { client, sent } = open();
    const began = Date.now();
    await client.pass("chat-1");
    Date.now = () => began + 269_000;
    assert.equal(await client.pass("chat-1"), "pass-1");
    Date.now = () => began + 271_000;
    assert.deepEqual(await Promise.all([client.pass("chat-1"), client.pass("chat-1")]), ["pass-2", "pass-2"]);
    assert.equal(sent[1]!.pass, "pass-1");
  });
  test("keeps a short one for half its time", async () => {
    const { client } = open([], { passes: [Response.json({ pass: "short", expiresInSeconds: 10 })] });
    const began = Date.now();
    assert.equal(await client.pass("chat-1"), "short");
    Date.now = () => began + 4_900;
    assert.equal(await client.pass("chat-1"), "short");
    Date.now = () => began + 5_100;
    assert.equal(await client.pass("chat-1"), "pass-1");
  });
  test("takes a captcha's token, for a new pass", async () => {
    const { client, sent } = open();
    await client.pass("chat-1");
    assert.equal(await client.pass("chat-1", "token"), "pass-2");
    assert.deepEqual(sent[1]!.body, { session: "chat-1", captchaToken: "token" });
    assert.equal(await client.pass("chat-1"), "pass-2");
  });
  test("keeps what a captcha was solved for, though an older request is answered later", async () => {
    let release = (_: Response): void => {};
    const held = new Promise<Response>((resolve) => release = resolve);
    const { client } = open([], { passes: [held] });
    const older = client.pass("chat-1");
    assert.equal(await client.pass("chat-1", "token"), "pass-1");
    release(Response.json({ pass: "late", expiresInSeconds: 300 }));
    assert.equal(await older, "late");
    assert.equal(await client.pass("chat-1"), "pass-1");
  });
  test("says why there is none, and asks again the next time", async () => {
    const { client } = open([], {
      passes: [refusal("edge_admit_rate_limited", {}, 429), new Response("<html>", { status: 502 })],
    });
    await assert.rejects(client.pass("chat-1"), {
      message: "edge_admit_rate_limited.",
      code: "edge_admit_rate_limited",
    });
    await assert.rejects(client.pass("chat-1"), { message: "No pass: 502" });
    assert.equal(await client.pass("chat-1"), "pass-1");
  });
});

describe("fetch()", () => {
  test("asks for no pass where none is needed", async () => {
    const { append, sent } = open();
    assert.deepEqual(await (await append()).json(), { ok: true, seq: 1 });
    assert.deepEqual(sent.map(({ pass }) => pass), [null]);
  });
  test("hands reads on, without a pass", async () => {
    const { client, sent, solved } = open([refusal("edge_admit_challenge")]);
    const response = await client.fetch("https://edge.example/out", { headers: { "X-Edge-Pass": "old" } }, {
      endpoint: "out",
      chatId: "chat-1",
    });
    assert.equal(response.status, 403);
    assert.deepEqual([sent.length, sent[0]!.pass, solved.length], [1, null, 0]);
  });
  test("answers a challenge by solving once, and sends the message again under its part id", async () => {
    const { append, sent, solved } = open([refusal("edge_admit_challenge", { challenge: { siteKey: "k" } })]);
    assert.equal((await append()).status, 200);
    assert.deepEqual(solved, [[{ siteKey: "k" }, "chat-1"]]);
    assert.deepEqual(sent.map(({ pass, partId }) => [pass, partId]), [[null, "part-1"], [null, null], [
      "pass-1",
      "part-1",
    ]]);
    assert.deepEqual(sent[1]!.body, { session: "chat-1", captchaToken: "token-1" });
    assert.deepEqual(sent[2]!.body, { kind: "message" });
    await append();
    assert.equal(sent[3]!.pass, "pass-1", "the next message carries it from the start");
    await append("chat-2");
    assert.equal(sent[4]!.pass, null, "another chat's does not");
  });
  test("solves once for messages that are challenged together", async () => {
    const challenge = () => refusal("edge_admit_challenge");
    const { append, solved, passesAsked } = open([challenge(), challenge()]);
    assert.deepEqual((await Promise.all([append(), append()])).map(({ status }) => status), [200, 200]);
    assert.deepEqual([solved.length, passesAsked().length], [1, 1]);
  });
  test("does not solve again for a message that was challenged before another's was solved", async () => {
    let release = (_: Response): void => {};
    const held = new Promise<Response>((resolve) => release = resolve);
    const { append, solved, passesAsked } = open([held, refusal("edge_admit_challenge")]);
    const slow = append();
    assert.equal((await append()).status, 200);
    release(refusal("edge_admit_challenge"));
    assert.equal((await slow).status, 200);
    assert.deepEqual([solved.length, passesAsked().length], [1, 1]);
  });
  test("gives up where a solved challenge is asked for again", async () => {
    const { append, solved } = open([refusal("edge_admit_challenge"), refusal("edge_admit_challenge")]);
    await assert.rejects(append(), /asked for again/);
    assert.equal(solved.length, 1);
  });
  test("hands the challenge on where nobody solves it, and the failure where solving fails", async () => {
    const nobody = open([refusal("edge_admit_challenge")], { solve: undefined as never });
    assert.equal((await nobody.append()).status, 403);
    const closed = open([refusal("edge_admit_challenge")], {
      solve: () => Promise.reject(new Error("the widget was closed")),
    });
    await assert.rejects(closed.append(), /the widget was closed/);
    assert.equal(closed.sent.length, 1);
  });
  test("renews a stale pass once", async () => {
    const { client, append, sent } = open([
      refusal("edge_pass_stale", {}, 400),
      "ok",
      refusal("edge_pass_stale", {}, 400),
      refusal("edge_pass_stale", {}, 400),
    ]);
    await client.pass("chat-1", "token");
    assert.equal((await append()).status, 200);
    assert.deepEqual(sent.slice(1).map(({ pass, partId }) => [pass, partId]), [["pass-1", "part-1"], ["pass-1", null], [
      "pass-2",
      "part-1",
    ]]);
    const again = await append();
    assert.deepEqual([again.status, (await again.json()).code], [400, "edge_pass_stale"]);
  });
  test("renews, and then solves, where the new pass has no verdict", async () => {
    const { client, append, solved, sent } = open([
      refusal("edge_pass_stale", {}, 400),
      refusal("edge_admit_challenge"),
    ]);
    await client.pass("chat-1", "token");
    assert.equal((await append()).status, 200);
    assert.deepEqual([solved.length, sent.at(-1)!.pass], [1, "pass-3"]);
  });
  test("leaves every other answer as it is", async () => {
    for (
      const answer of [
        refusal("edge_admit_rate_limited", {}, 429),
        new Response("<html>", { status: 403 }),
        refusal("edge_admit_forbidden"),
      ]
    ) {
      const expected = await answer.clone().text();
      const { append, sent } = open([answer]);
      assert.equal(await (await append()).text(), expected);
      assert.equal(sent.length, 1);
    }
  });
  test("sends no pass of the transport's headers that it does not know to be good", async () => {
    const { append, sent } = open();
    await append("chat-1", { "X-Edge-Pass": "old" });
    assert.equal(sent[0]!.pass, null);
  });
});

describe("startSession()", () => {
  const started = { publicAccessToken: "t", runId: "run_1", sessionId: "session_1" };
  const stale = { refused: { code: "edge_pass_stale" as const } };
  const challenged = { refused: { code: "edge_admit_challenge" as const, challenge: { siteKey: "k" } } };

  /** A server action that answers from a list, and the passes that it was given. */
  function action(...answers: unknown[]) {
    const given: unknown[] = [];
    const act = async (params: { chatId: string; clientData?: unknown; pass: string }) => {
      given.push(params);
      return (answers.shift() ?? started) as typeof started | typeof stale | typeof challenged;
    };
    return { given, act };
  }

  test("calls the action with a pass", async () => {
    const { client } = open();
    const { given, act } = action();
    const { publicAccessToken } = await client.startSession(act)({ chatId: "chat-1", clientData: { userId: "u" } });
    assert.equal(publicAccessToken, "t");
    assert.deepEqual(given, [{ chatId: "chat-1", clientData: { userId: "u" }, pass: "pass-1" }]);
  });
  test("renews, and solves, as the action asks", async () => {
    const { client, solved } = open();
    const { given, act } = action(stale, challenged);
    assert.equal(await client.startSession(act)({ chatId: "chat-1" }), started);
    assert.deepEqual(given.map((params) => (params as { pass: string }).pass), ["pass-1", "pass-2", "pass-3"]);
    assert.deepEqual(solved, [[{ siteKey: "k" }, "chat-1"]]);
  });
  test("says what could not be mended", async () => {
    const { client } = open([], { solve: undefined as never });
    await assert.rejects(client.startSession(action(challenged).act)({ chatId: "chat-1" }), {
      message: "The session was refused: edge_admit_challenge",
      code: "edge_admit_challenge",
    });
    await assert.rejects(client.startSession(action(stale, stale).act)({ chatId: "chat-1" }), {
      code: "edge_pass_stale",
    });
  });
  test("serves the messages that follow with the captcha that was solved for it", async () => {
    const { client, append, sent } = open();
    await client.startSession(action(challenged).act)({ chatId: "chat-1" });
    await append();
    assert.equal(sent.at(-1)!.pass, "pass-2");
  });
});

test("headers() has the pass of the moment", async () => {
  const { client } = open();
  const headers = client.headers("chat-1");
  assert.deepEqual({ ...headers }, { "X-Edge-Pass": "" });
  await client.pass("chat-1");
  assert.deepEqual({ ...headers }, { "X-Edge-Pass": "pass-1" });
});

describe("createClient()", () => {
  const bad = [
    "edge.example.com",
    "localhost:3000",
    "",
    "https://",
    "https:edge.example",
    "ws://edge.example",
    undefined,
  ];
  for (const proxy of [...bad, "https://edge.example?x=1", "https://edge.example#x"]) {
    test(`says at once where ${JSON.stringify(proxy)} is no proxy`, () =>
      assert.throws(() => createClient({ proxy: proxy as string }), {
        name: "TypeError",
        message: "Cannot use option `proxy`: give its URL, such as https://edge.example.com",
      }));
  }
  const good = [
    ["https://edge.example", "https://edge.example/.edgestamp/pass"],
    ["HTTP://127.0.0.1:3000/", "HTTP://127.0.0.1:3000/.edgestamp/pass"],
    ["http://[::1]:3000/api", "http://[::1]:3000/api/.edgestamp/pass"],
    ["/api/trigger", "/api/trigger/.edgestamp/pass"],
    ["/", "/.edgestamp/pass"],
  ] as const;
  for (const [proxy, url] of good) {
    test(`asks ${proxy} for a pass`, async () => {
      const { client, sent } = open([], { proxy });
      await client.pass("chat-1");
      assert.equal(sent[0]!.url, url);
    });
  }
});
