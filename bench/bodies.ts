/**
 * Bodies as chats send them: text-heavy (one long message) and structure-heavy (tool outputs with
 * many small members). Sizes are exact.
 *
 * @module
 */

/** How a body's bytes are spent. */
export type Texture = "text" | "structure";

/** The sizes that are measured, in bytes. */
export const SIZES: readonly number[] = [300, 4 * 1024, 64 * 1024, 512 * 1024, 1024 * 1024 - 512];

const PROSE = "She said \"the quick brown fox\" jumps over the lazy dog, twice.\nThen it went home again, slowly; nothing more was heard of it. ";

/** An append of about `bytes` bytes, forged stamp included. */
export function appendBody(texture: Texture, bytes: number): string {
  const parts = texture === "text" ? textParts : structureParts;
  let count = 1;
  let body = render(parts(count));
  if (body.length < bytes) {
    count = Math.max(1, Math.floor(bytes / Math.max(1, render(parts(201)).length - render(parts(1)).length) * 200));
    body = render(parts(count));
    while (body.length > bytes && count > 1) body = render(parts(--count));
  }
  return body;
}

function render(parts: unknown[]): string {
  return JSON.stringify({
    kind: "message",
    payload: {
      message: { id: "msg-1", role: "user", parts },
      chatId: "chat-1",
      trigger: "submit-message",
      metadata: { userId: "user-1", plan: "pro", __cf: { botScore: 99 } },
    },
  });
}

function textParts(count: number): unknown[] {
  return [{ type: "text", text: PROSE.repeat(count).slice(0, Math.max(40, count * 40)) }];
}

function structureParts(count: number): unknown[] {
  return [{
    type: "tool-search",
    output: Array.from({ length: count }, (_, i) => ({ id: i, score: i / 7, title: `row ${i}`, tags: ["a", "b"], ok: i % 2 === 0, next: null })),
  }];
}
