/**
 * What the commands print on, and what they end with.
 *
 * @module
 */

/** Where a command writes: `process.stdout`, `process.stderr`, or what a test gives. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** What a command is given of the process. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a command ends with: 0 all is well, 1 something is not, 2 it could not be done as it was asked. */
export type ExitCode = 0 | 1 | 2;

/** Thrown where a command cannot do what it was asked for: one line that says what to do. Ends with 2. */
export class Unusable extends Error {
  override readonly name = "Unusable";
}
