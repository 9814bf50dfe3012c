/**
 * Why there is no verdict.
 *
 * @module
 */

/** The service does not vouch for the token: another challenge has to be solved. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** The service gave no answer. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  /** Whether asking again may help. */
  readonly passing: boolean;

  constructor(message: string, { passing, cause }: { passing: boolean; cause?: unknown }) {
    super(message, cause === undefined ? undefined : { cause });
    this.passing = passing;
  }
}
