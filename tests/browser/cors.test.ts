import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onStage } from "./play_page.ts";

onStage("the page and its proxy are of two origins", (it) => {
  it("the page's calls pass CORS, and the proxy answers their preflights itself", async (stage) => {
    const { pageUrl, proxyUrl, reached } = stage.playground;
    assert.notEqual(new URL(pageUrl).origin, new URL(proxyUrl).origin);
    const play = await stage.open();
    const answers: { method: string; allowed: string | undefined }[] = [];
    play.page.on("response", (response) => {
      if (!response.url().startsWith(proxyUrl)) return;
      answers.push({ method: response.request().method(), allowed: response.headers()["access-control-allow-origin"] });
    });
    await play.say("hello");
    assert.ok(answers.some(({ method }) => method === "POST"));
    assert.ok(answers.some(({ method }) => method === "GET"));
    for (const { allowed } of answers) assert.equal(allowed, new URL(pageUrl).origin);
    assert.deepEqual(reached.filter(({ method }) => method === "OPTIONS"), []);
    // What plays the edge is consumed at the edge.
    for (const { headers } of reached) {
      assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith("x-play-")), []);
    }
    await play.close();
  });

  it("a page of another origin is kept out by the browser", async (stage) => {
    const server = createServer((_, response) =>
      response.setHeader("content-type", "text/html").end("<title>elsewhere</title>")
    ).listen(0, "127.0.0.1");
    await once(server, "listening");
    const page = await stage.browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const outcome = await page.evaluate(
      (url) =>
        fetch(url, { method: "POST", headers: { "x-play-bot-score": "99" }, body: "{}" }).then(
          ({ status }) => String(status),
          String,
        ),
      `${stage.playground.proxyUrl}/realtime/v1/sessions/chat-1/in/append`,
    );
    assert.equal(outcome, "TypeError: Failed to fetch");
    await page.close();
    server.close();
  });

  it("a proxy that is not there is said to be not there", async (stage) => {
    const play = await stage.open();
    await play.say("hello");
    await play.page.route(`${stage.playground.proxyUrl}/**/append`, (route) => route.abort());
    await play.send("anybody?");
    assert.match(
      await play.page.getByRole("alert").innerText(),
      /^The proxy at http:\/\/127\.0\.0\.1:\d+ could not be reached/,
    );
    await play.close();
  });

  it("what the proxy refuses is said in its own words, and goes no further", async (stage) => {
    const play = await stage.open();
    await play.say("hello");
    await play.page.route(`${stage.playground.proxyUrl}/**/append`, (route) => {
      const record = JSON.parse(route.request().postData() ?? "") as { payload: Record<string, unknown> };
      record.payload["continuation"] = true;
      return route.continue({ postData: JSON.stringify(record) });
    });
    await play.send("let me continue");
    assert.match(
      await play.page.getByRole("alert").innerText(),
      /^The proxy refused the message: The payload has a field .* \(edge_server_field\)$/,
    );
    const card = await play.card(2);
    await card.judged("refused by the proxy");
    assert.match(await card.part("The proxy changed", /422/), /edge_server_field/);
    assert.match(await card.part("The agent saw", /never came/), /Nothing/);
    await play.close();
  });
});
