/**
 * Bodies as chats send them, forged stamp included: one long message, tool outputs with many small
 * members, and a long message in a script that is not ASCII.
 *
 * @module
 */

/** How a body's bytes are spent. */
export type Texture = "text" | "structure" | "unicode";

/** The sizes that are measured, in bytes. */
export const SIZES: readonly number[] = [300, 4 * 1024, 64 * 1024, 512 * 1024, 1024 * 1024 - 512];

/** The signals that every contestant writes. */
export const SIGNALS = {
  botScore: 97,
  ja4: "t13d1516h2_8daaf6152771_b186095e22b6",
  asn: 64496,
  country: "NL",
} as const;

const PROSE =
  'She said "the quick brown fox" jumps over the lazy dog, twice.\nThen it went home again, slowly; nothing more was heard of it. ';
const SCRIPT = "彼女は「素早い狐」と言った。\nそれからゆっくりと家に帰り、その後のことは何も聞かれなかった。";

const ENCODER = new TextEncoder();

/** An append of at most `bytes` bytes, and close to it; never shorter than its frame. */
export function appendBody(texture: Texture, bytes: number): string {
  if (texture === "structure") return fit((count) => render([table(count)]), 1, bytes);
  const sample = texture === "text" ? PROSE : SCRIPT;
  const long = sample.repeat(Math.ceil(bytes / sample.length) + 1);
  return fit((count) => render([{ type: "text", text: long.slice(0, count) }]), 16, bytes);
}

/** The rendering with the greatest count that is not over `bytes`, or that of `least`. */
function fit(renderWith: (count: number) => string, least: number, bytes: number): string {
  let [low, high] = [least, Math.max(least, bytes)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (ENCODER.encode(renderWith(middle)).length <= bytes) low = middle;
    else high = middle - 1;
  }
  return renderWith(low);
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

const ROWS = Array.from({ length: 16_000 }, (_, i) => (
  { id: i, score: i / 7, title: `row ${i}`, tags: ["a", "b"], ok: i % 2 === 0, next: null }
));

function table(count: number): unknown {
  return { type: "tool-search", output: ROWS.slice(0, count) };
}
