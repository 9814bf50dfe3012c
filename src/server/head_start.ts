/**
 * A head start with the browser's pass.
 *
 * @module
 */
import { decodeBody, readBody } from "../body.ts";
import { Refusal, type RefusalCode, refusalResponse } from "../errors.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { without } from "./start_session.ts";

/** What {@link headStart} can be told. */
export interface HeadStartOptions {
  /** The namespace of the proxy. Default `__edge`. */
  namespace?: string;
  /** Members of the body that your page adds and your agent reads. Never one of the SDK's own. Default: none. */
  keep?: readonly string[];
  /** Let browsers send messages with the role `system`. Default `false`. */
  allowSystemMessages?: boolean;
}

/** What the SDK's transport sends of its own, and a browser may say (`sendMessagesViaHandover`, 4.8.3). */
const BROWSER_FIELDS = ["chatId", "trigger", "messageId", "headStartMessages"];

/** The other members of a chat payload: the server's to set, or of no use here (`ChatTaskWirePayload`, 4.8.3). */
const NOT_KEPT = [
  "metadata",
  "message",
  "action",
  "actionSource",
  "channelEvent",
  "continuation",
  "previousRunId",
  "idleTimeoutInSeconds",
  "sessionId",
  "__proto__",
];

/**
 * Puts the gate that a head start lacks before `handler`, which `chat.headStart()` of
 * `@trigger.dev/sdk/chat-server` makes. The SDK spreads the browser's body into what starts the agent's run;
 * here only what a browser may say is left of it, and the proxy's namespace holds the pass of the header
 * `X-Edge-Pass`, or is gone. A body may have 1 MiB and take 30 s to arrive, as that of a message. What the proxy
 * refuses is answered as the proxy answered it.
 *
 * The pass travels in the body because the SDK's hook for a header, `apiClient.requestOptions`, is set for
 * the whole process while a call is under way, unless the app imports `@trigger.dev/sdk` too (4.8.3).
 */
export function headStart(
  handler: (request: Request) => Promise<Response>,
  options: HeadStartOptions = {},
): (request: Request) => Promise<Response> {
  const { namespace = "__edge", keep = [], allowSystemMessages = false } = options;
  const refused = keep.find((field) => NOT_KEPT.includes(field));
  if (refused !== undefined) throw new TypeError(`Cannot use option \`keep\`: ${refused} is not the browser's to set`);
  const fields = [...BROWSER_FIELDS, ...keep];
  return async (request) => {
    try {
      const body = await readObject(request);
      if (!allowSystemMessages) refuseSystem(body["headStartMessages"]);
      const kept = Object.fromEntries(
        fields.filter((name) => Object.hasOwn(body, name)).map((name) => [name, body[name]]),
      );
      const metadata = metadataOf(body["metadata"], namespace, request.headers.get("x-edge-pass"));
      return await handler(withBody(request, { ...kept, ...(metadata && { metadata }) }));
    } catch (error) {
      const answer = error instanceof Refusal ? refusalResponse(error) : proxyAnswer(error);
      if (answer === undefined) throw error;
      return answer;
    }
  };
}

const { appendBodyBytes, bodyTimeoutMs } = DEFAULT_LIMITS;

async function readObject(request: Request): Promise<Record<string, unknown>> {
  const { text } = decodeBody(await readBody(request, appendBodyBytes, bodyTimeoutMs));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refusal("edge_body_not_json");
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw new Refusal("edge_body_not_json");
  const { chatId } = body as Record<string, unknown>;
  if (typeof chatId !== "string" || chatId === "") {
    throw new Refusal("edge_body_not_json", { detail: "`chatId` is a text" });
  }
  return body as Record<string, unknown>;
}

function refuseSystem(messages: unknown): void {
  if (messages === undefined) return;
  if (!Array.isArray(messages)) throw new Refusal("edge_body_not_json", { detail: "`headStartMessages` is a list" });
  if (messages.some((message) => message?.role === "system")) throw new Refusal("edge_message_role");
}

function metadataOf(given: unknown, namespace: string, pass: string | null): Record<string, unknown> | undefined {
  const data = given ?? {};
  if (typeof data !== "object" || Array.isArray(data)) throw new Refusal("edge_container_type");
  const metadata = { ...without(namespace, data), ...(pass && { [namespace]: pass }) };
  return given === undefined && !pass ? undefined : metadata;
}

function withBody({ url, method, headers: given, signal }: Request, body: unknown): Request {
  const headers = new Headers(given);
  for (const name of ["content-length", "content-encoding", "x-edge-pass"]) headers.delete(name);
  headers.set("content-type", "application/json");
  return new Request(url, { method, headers, signal, body: JSON.stringify(body) });
}

/** What the proxy answered, where that is why the SDK throws: its `TriggerApiError` holds status, headers and body. */
function proxyAnswer(error: unknown): Response | undefined {
  const { status, body, headers } = (error ?? {}) as {
    status?: number;
    body?: { code?: RefusalCode };
    headers?: Readonly<Record<string, string | undefined>>;
  };
  if (typeof status !== "number" || typeof body?.code !== "string" || !body.code.startsWith("edge_")) return undefined;
  const retryAfter = headers?.["retry-after"];
  return Response.json(body, { status, ...(retryAfter && { headers: { "retry-after": retryAfter } }) });
}
