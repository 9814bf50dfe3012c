/**
 * JSON in one spelling, and its hash.
 *
 * @module
 */
import { base64url } from "jose";

/**
 * A JSON value in the spelling of RFC 8785: members sorted by their names' UTF-16 code units, no
 * white space, numbers and strings as ECMAScript writes them, which is what `JSON.stringify` does.
 *
 * The RFC would fail for lone surrogates and for numbers beyond IEEE 754. Here they are spelled as
 * `JSON.stringify` spells them (`"\ud800"`, `null`), because a text that a client cut inside an emoji
 * is still a message to be answered.
 */
export function canonicalize(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalize).join()}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  // Names are unique, and `<` on strings compares code units (RFC 8785, 3.2.3).
  members.sort(([one], [other]) => one < other ? -1 : 1);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalize(member)}`).join()}}`;
}

/** SHA-256 over the canonical spelling of a JSON value, in base64url without padding: 43 characters. */
export async function hashJson(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(canonicalize(value));
  return base64url.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/**
 * The hash that binds a stamp to a chat message. Of an assistant's message (which a client sends to
 * answer a tool call), only what the agent keeps counts: its runtime takes out tool calls without a
 * result and its own markers, and settles the `state` of texts, before any hook sees the message.
 */
export function hashMessage(message: unknown): Promise<string> {
  return hashJson(isRecord(message) && message["role"] === "assistant" ? kept(message) : message);
}

const UNFINISHED: readonly unknown[] = ["partial-call", "input-available", "input-streaming"];
const MARKERS = ["data-pending-message-injected", "data-background-injected"];

function kept(message: Record<string, unknown>): Record<string, unknown> {
  const { parts } = message;
  return Array.isArray(parts) ? { ...message, parts: parts.filter((part) => !isDropped(part)).map(settled) } : message;
}

function isDropped(part: unknown): boolean {
  if (!isRecord(part) || typeof part["type"] !== "string") return false;
  const { type, state, toolInvocation } = part;
  if (!type.startsWith("tool-") && type !== "dynamic-tool") return MARKERS.includes(type);
  // Compared as the runtime does: a state that only reads like one of these, such as a list of it, is kept there.
  return UNFINISHED.includes((isRecord(toolInvocation) ? toolInvocation["state"] : undefined) ?? state);
}

function settled(part: unknown): unknown {
  if (!isRecord(part) || (part["type"] !== "text" && part["type"] !== "reasoning")) return part;
  return part["state"] === "streaming" ? { ...part, state: "done" } : part;
}

/** Whether a value is an object with members. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
