import assert from "node:assert/strict";
import { onStage } from "./play_page.ts";

for (const seal of ["signed", "encrypted"] as const) {
  onStage(`the page of npm start with a seal: ${seal}`, (it) => {
    it("through the proxy it holds; around the proxy nothing is believed", async (stage) => {
      const play = await stage.open();
      await play.forge(true);
      await play.say("properly");
      assert.equal((await play.bubbles()).at(-1), "You said: properly");
      const proper = await play.card(1);
      assert.match(await proper.part("Seal", /Holds/), /for this chat and this message/);
      assert.match(
        await proper.part("The proxy changed", /added/),
        seal === "signed" ? /"proof": "eyJ/ : /"sealed": "eyJ/,
      );
      assert.match(await proper.part("The agent saw", /botScore/), /"botScore": 95/);
      await play.goAround(true);
      await play.say("believe me");
      assert.match(await play.page.getByRole("alert").innerText(), /did not come through the app/);
      const forged = await play.card(2);
      await forged.judged("turned down: no proof");
      assert.match(await forged.part("Seal", /Does not hold/), /the proxy did not write it/);
      await play.forge(false);
      await play.say("without any");
      assert.match(await (await play.card(3)).part("Seal", /Does not hold/), /There is no stamp/);
      await play.goAround(false);
      await play.say("properly again");
      assert.equal((await play.bubbles()).at(-1), "You said: properly again");
      assert.equal(stage.playground.local.runner.observations.filter(({ kind }) => kind === "turn").length, 2);
      await play.close();
    });
  }, seal);
}
