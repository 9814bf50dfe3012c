/**
 * What a shared secret has to be, and how one is compared.
 *
 * @module
 */

/** 32 characters of base64 carry 192 bits, of hex 128: neither is guessed. */
const LEAST_CHARACTERS = 32;

/** A random secret of this length repeats fewer letters: hex gets below it once in 27 million. */
const LEAST_DISTINCT = 8;

/** What stands in examples and templates: a deployment that kept it would be open to whoever read them. */
const PLACEHOLDER =
  /change.?me|placeholder|example|secret|password|your[-_]|replace|insert|0123456789|1234567890|abcdefgh/i;

const MEND = "set 32 or more random characters, e.g. openssl rand -base64 32";

/** Why a secret cannot be used, and the mend; `undefined` where it can. Never says a part of it. */
export function weakness(secret: string): string | undefined {
  if (!/^[\x21-\x2b\x2d-\x7e]*$/.test(secret)) return `has characters that a header cannot carry alone; ${MEND}`;
  if (PLACEHOLDER.test(secret) || (secret.length > 1 && new Set(secret).size === 1)) return `is a placeholder; ${MEND}`;
  if (secret.length < LEAST_CHARACTERS) return `is too short; ${MEND}`;
  if (new Set(secret).size < LEAST_DISTINCT) return `is a placeholder; ${MEND}`;
  return undefined;
}

/**
 * Makes a comparison that takes as long for a near miss as for a wild guess. All secrets are looked
 * at each time, so that the time does not tell which of them matched either.
 */
export function secretMatcher(secrets: readonly string[]): (given: string | null) => boolean {
  return (given) => {
    if (given === null) return false;
    let matched = 0;
    for (const secret of secrets) {
      let difference = given.length ^ secret.length;
      // As many steps as the caller sent characters: what it does not know is not in the time.
      for (let i = 0; i < given.length; i++) {
        difference |= given.charCodeAt(i) ^ secret.charCodeAt(i % secret.length);
      }
      matched |= Number(difference === 0);
    }
    return matched === 1;
  };
}
