import { startLocal } from "/work/main/dev/serve.ts";
const local = await startLocal({});
console.log(local.url);
const { TriggerChatTransport } = await import("@trigger.dev/sdk/chat");
const { chat } = await import("@trigger.dev/sdk/ai");
const { configure } = await import("@trigger.dev/sdk");
configure({ baseURL: local.url, accessToken: local.environment.secretKey });
const start = chat.createStartSessionAction("edge-demo");
const cf = { botScore: 90, ja4: "t", asn: 1, country: "NL" };
const t = new TriggerChatTransport({ task: "edge-demo", baseURL: local.url, accessToken: async () => { throw new Error("refresh") },
  startSession: async ({ chatId, clientData }) => start({ chatId, clientData }), clientData: { userId: "u", __cf: cf } });
async function turn(text) {
  const t0 = performance.now();
  const stream = await t.sendMessages({ trigger: "submit-message", chatId: "c1", messageId: undefined, messages: [{ id: "m"+text, role: "user", parts: [{ type: "text", text }] }], abortSignal: undefined });
  for await (const c of stream) console.log((performance.now()-t0).toFixed(0), JSON.stringify(c));
}
await turn("hello there"); await turn("again you");
console.log(local.runner.observations);
await local.close();
