/** Ids as the server spells them: a prefix and 21 letters and digits. */

export interface Ids {
  next(prefix: string): string;
}

const ALPHABET = "123456789abcdefghijkmnopqrstuvwxyz";

/** Ids as Trigger.dev makes them: never the same again. */
export function randomIds(): Ids {
  return {
    next(prefix) {
      const bytes = crypto.getRandomValues(new Uint8Array(21));
      return `${prefix}_${Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("")}`;
    },
  };
}

/** Ids that count, for tests that compare whole answers. */
export function countingIds(): Ids {
  let count = 0;
  return { next: (prefix) => `${prefix}_${String(++count).padStart(21, "0")}` };
}
