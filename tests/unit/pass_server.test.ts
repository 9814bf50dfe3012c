import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headStart, startSession, type StartSessionParams } from "../../src/server.ts";

type SdkFetch = (url: string, init: RequestInit, context: { endpoint: string; chatId: string }) => Promise<Response>;
interface SdkOptions {
  readonly baseURL?: string;
  readonly fetch?: SdkFetch;
  readonly triggerConfig?: object;
}

/** What the SDK does with its options, as far as it matters: two calls through `fetch`. */
function openSdk(...answers: Response[]) {
  const sent: { url: string; headers: Headers }[] = [];
  const actions: { task: string; options: SdkOptions; params: unknown }[] = [];
  const chat = {
    createStartSessionAction: (task: string, options: SdkOptions = {}) => async (params: { chatId: string }) => {
      actions.push({ task, options, params });
      const call = async (endpoint: string) => {
        const response = await options.fetch!(`${options.baseURL}/${endpoint}`, {
          headers: { Authorization: "Bearer k" },
        }, { endpoint, chatId: params.chatId });
        if (!response.ok) throw new Error(`sessions.start failed: ${response.status} ${await response.text()}`);
      };
      await call("sessions");
      await call("auth");
      return { publicAccessToken: "t" };
    },
  };
  const fetch: SdkFetch = async (url, init) => {
    sent.push({ url, headers: new Headers(init.headers) });
    return answers.shift() ?? Response.json({});
  };
  return { chat, sent, actions, fetch };
}

const refusal = (code: string, status: number, more: object = {}) =>
  Response.json({ ok: false, error: "…", code, ...more }, { status });

describe("startSession()", () => {
  test("carries the pass to the creation, and nowhere else", async () => {
    const { chat, sent, fetch } = openSdk();
    const start = startSession("agent", { chat, fetch, baseURL: "https://edge.example" });
    assert.deepEqual(await start({ chatId: "chat-1", pass: "p" }), { publicAccessToken: "t" });
    assert.deepEqual(sent.map(({ url, headers }) => [url, headers.get("x-edge-pass"), headers.get("authorization")]), [
      ["https://edge.example/sessions", "p", "Bearer k"],
      ["https://edge.example/auth", null, "Bearer k"],
    ]);
    await start({ chatId: "chat-1" });
    assert.equal(sent[2]!.headers.get("x-edge-pass"), null);
  });
  test("takes from a browser what is the browser's to say", async () => {
    const { chat, actions, fetch } = openSdk();
    const start = startSession("agent", {
      chat,
      fetch,
      triggerConfig: { machine: "small-1x" },
      metadata: { plan: "free" },
      tags: ["web"],
    });
    const clientData = JSON.parse('{"userId":"u","__edge":{"botScore":99},"__proto__":{"__edge":{}}}') as Record<
      string,
      unknown
    >;
    const forged = {
      triggerConfig: { basePayload: { continuation: true } },
      metadata: { plan: "pro" },
      tags: ["x"],
      taskId: "other",
    };
    await start({ chatId: "chat-1", clientData, ...forged } as StartSessionParams);
    const [{ task, options, params }] = actions as [typeof actions[0]];
    assert.equal(task, "agent");
    assert.deepEqual(params, {
      chatId: "chat-1",
      clientData: { userId: "u" },
      metadata: { plan: "free" },
      tags: ["web"],
    });
    assert.ok(!Object.hasOwn((params as { clientData: object }).clientData, "__proto__"));
    assert.deepEqual(Object.keys(options).sort(), ["fetch", "triggerConfig"]);
    assert.deepEqual(options.triggerConfig, { machine: "small-1x" });
  });
  test("knows another namespace", async () => {
    const { chat, actions, fetch } = openSdk();
    await startSession("agent", { chat, fetch, namespace: "__cf" })({
      chatId: "c",
      clientData: { __cf: 1, __edge: 2 },
    });
    assert.deepEqual(actions[0]!.params, { chatId: "c", clientData: { __edge: 2 } });
  });
  test("answers what the browser can mend", async () => {
    const stale = openSdk(refusal("edge_pass_stale", 400));
    assert.deepEqual(await startSession("a", stale)({ chatId: "c", pass: "p" }), {
      refused: { code: "edge_pass_stale" },
    });
    const challenged = openSdk(refusal("edge_admit_challenge", 403, { challenge: { siteKey: "k" } }));
    assert.deepEqual(await startSession("a", challenged)({ chatId: "c" }), {
      refused: { code: "edge_admit_challenge", challenge: { siteKey: "k" } },
    });
  });
  test("throws for everything else", async () => {
    for (
      const answer of [
        refusal("edge_admit_forbidden", 403),
        refusal("other", 400),
        new Response("<html>", { status: 502 }),
      ]
    ) {
      await assert.rejects(startSession("a", openSdk(answer))({ chatId: "c" }), /sessions.start failed/);
    }
    for (const chatId of ["", undefined, { toString: () => "c" }]) {
      await assert.rejects(startSession("a", openSdk())({ chatId: chatId as string }), /give a chatId/);
    }
  });
});

describe("headStart()", () => {
  async function start(body: unknown, { options = {}, pass, handler }: {
    options?: Parameters<typeof headStart>[1];
    pass?: string;
    handler?: (request: Request) => Promise<Response>;
  } = {}) {
    let seen: { body: unknown; headers: Headers } | undefined;
    const route = headStart(
      handler ?? (async (request) => {
        seen = { body: await request.json(), headers: request.headers };
        return new Response("ok");
      }),
      options,
    );
    const response = await route(
      new Request("https://app.example/api/chat", {
        method: "POST",
        headers: { "content-type": "text/plain", cookie: "user=1", ...(pass !== undefined && { "x-edge-pass": pass }) },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    );
    return { response, seen };
  }
  const user = { id: "m", role: "user", parts: [] };

  test("leaves what the transport sends", async () => {
    const body = {
      headStartMessages: [user],
      chatId: "c",
      trigger: "submit-message",
      messageId: "m",
      metadata: { userId: "u" },
    };
    const { seen, response } = await start(body);
    assert.deepEqual(seen!.body, body);
    assert.equal(await response.text(), "ok");
    assert.equal(seen!.headers.get("cookie"), "user=1");
  });
  test("takes out the namespace, and what is the server's to set", async () => {
    const { seen } = await start(
      `{"chatId":"c","headStartMessages":[],"metadata":{"userId":"u","__edge":{"botScore":99},"__proto__":{}},
      "continuation":true,"previousRunId":"r","channelEvent":{},"actionSource":"webhook","action":{},"message":{},"sessionId":"s",
      "idleTimeoutInSeconds":9,"newInTheNextVersion":1,"__proto__":{"continuation":true}}`,
    );
    assert.deepEqual(seen!.body, { chatId: "c", headStartMessages: [], metadata: { userId: "u" } });
    assert.ok(!Object.hasOwn((seen!.body as { metadata: object }).metadata, "__proto__"));
  });
  test("puts the pass where the stamp will be", async () => {
    for (const metadata of [undefined, null, {}, { __edge: "forged" }]) {
      const { seen } = await start({ chatId: "c", metadata }, { pass: "p" });
      assert.deepEqual(seen!.body, { chatId: "c", metadata: { __edge: "p" } });
      assert.equal(seen!.headers.get("x-edge-pass"), null);
    }
    const { seen } = await start({ chatId: "c", metadata: { a: 1 } }, { pass: "p", options: { namespace: "__cf" } });
    assert.deepEqual(seen!.body, { chatId: "c", metadata: { a: 1, __cf: "p" } });
    assert.deepEqual((await start({ chatId: "c" }, { pass: "" })).seen!.body, { chatId: "c" });
  });
  test("keeps what the app names", async () => {
    const { seen } = await start({ chatId: "c", trace: "t", other: 1 }, { options: { keep: ["trace"] } });
    assert.deepEqual(seen!.body, { chatId: "c", trace: "t" });
    for (const field of ["metadata", "continuation", "sessionId"]) {
      assert.throws(() => headStart(async () => new Response(), { keep: [field] }), /`keep`/);
    }
  });
  const bad: readonly (readonly [body: unknown, status: number, code: string])[] = [
    ["{", 400, "edge_body_not_json"],
    ["", 400, "edge_body_not_json"],
    [" ".repeat(1024 * 1024) + '{"chatId":"c"}', 413, "edge_body_too_large"],
    [[], 400, "edge_body_not_json"],
    [null, 400, "edge_body_not_json"],
    [{}, 400, "edge_body_not_json"],
    [{ chatId: "" }, 400, "edge_body_not_json"],
    [{ chatId: 1 }, 400, "edge_body_not_json"],
    [{ chatId: "c", metadata: "x" }, 400, "edge_container_type"],
    [{ chatId: "c", metadata: [] }, 400, "edge_container_type"],
    [{ chatId: "c", headStartMessages: {} }, 400, "edge_body_not_json"],
    [{ chatId: "c", headStartMessages: [user, { ...user, role: "system" }] }, 422, "edge_message_role"],
  ];
  for (const [body, status, code] of bad) {
    test(`refuses ${JSON.stringify(body).slice(0, 80)}`, async () => {
      const { response, seen } = await start(body);
      assert.deepEqual([response.status, (await response.json()).code, seen], [status, code, undefined]);
    });
  }
  test("reads no more of a body than a message may have", async () => {
    let pulled = 0;
    const long = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(65_536).fill(32));
        if (++pulled === 64) controller.close();
      },
    }, { highWaterMark: 0 });
    const route = headStart(() => Promise.reject(new Error("not asked")));
    const init = { method: "POST", body: long, duplex: "half" };
    const response = await route(new Request("https://app.example/api/chat", init as RequestInit));
    assert.deepEqual([response.status, (await response.json()).code], [413, "edge_body_too_large"]);
    assert.ok(pulled < 32, `${pulled} pieces of 64 KiB`);
  });
  test("lets system messages through where the app says so", async () => {
    const messages = [{ ...user, role: "system" }];
    const { response } = await start({ chatId: "c", headStartMessages: messages }, {
      options: { allowSystemMessages: true },
    });
    assert.equal(response.status, 200);
  });
  test("answers as the proxy answered", async () => {
    const body = { ok: false, error: "Too many", code: "edge_admit_rate_limited" };
    const handler = () =>
      Promise.reject(Object.assign(new Error("Too many"), { status: 429, body, headers: { "retry-after": "7" } }));
    const { response } = await start({ chatId: "c" }, { handler });
    assert.deepEqual([response.status, response.headers.get("retry-after"), await response.json()], [429, "7", body]);
  });
  test("throws what the app threw", async () => {
    for (
      const error of [
        new Error("the model is down"),
        Object.assign(new Error("x"), { status: 404, body: { error: "x" } }),
        null,
      ]
    ) {
      await assert.rejects(
        start({ chatId: "c" }, { handler: () => Promise.reject(error) }),
        (thrown) => thrown === error,
      );
    }
  });
});
