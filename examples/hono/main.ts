import { createProxy } from "edgestamp";
import { socket } from "edgestamp/bun";
import { Hono } from "hono";

const trigger = createProxy({
  upstream: process.env.TRIGGER_API_UPSTREAM ?? "https://api.trigger.dev",
  basePath: "/api/trigger",
  trust: socket(),
});

const app = new Hono();
app.get("/", (c) => c.text("The chat's baseURL is /api/trigger"));
// The raw request, and no middleware that reads its body, compresses the answer or adds CORS headers.
// On Bun, c.env is the server, which knows the caller's address.
app.all("/api/trigger/*", (c) => trigger.fetch(c.req.raw, { info: c.env }));

export default {
  fetch: app.fetch,
  // Bun's default of 10 seconds would cut event streams between two events.
  idleTimeout: 0,
};
