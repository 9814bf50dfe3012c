// Imports every export and sends one chat through the package, on whatever runtime runs it. It prints what it found.
export async function smoke(modules, upstream) {
  const { createProxy } = modules["edgestamp"];
  const proxy = createProxy({ upstream, trust: () => ({ country: "NL" }) });
  const send = (path, body) =>
    proxy.fetch(new Request(`https://edge.example.com${path}`, { method: "POST", body: JSON.stringify(body) }));
  const created = await send("/api/v1/sessions", { type: "chat.agent", externalId: "chat-1", taskIdentifier: "t" });
  const refused = await send("/realtime/v1/sessions/chat-1/in/append", { kind: "handover" });
  return {
    exports: Object.fromEntries(Object.entries(modules).map(([name, module]) => [name, Object.keys(module).sort()])),
    created: [created.status, await created.json()],
    refused: [refused.status, (await refused.json()).code],
  };
}
