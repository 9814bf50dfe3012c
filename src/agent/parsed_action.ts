/**
 * The two sides of an action: its stamp is of the one, the agent's code gets the other.
 *
 * @module
 */

/**
 * An action as it came, beside what its schema made of it. The runtime's traces get only the latter. Where
 * it does not fit, that is said after it was judged.
 */
export class ParsedAction {
  readonly raw: unknown;
  readonly #outcome: { readonly value: unknown } | { readonly error: unknown };

  private constructor(raw: unknown, outcome: { readonly value: unknown } | { readonly error: unknown }) {
    this.raw = raw;
    this.#outcome = outcome;
  }

  static async from(raw: unknown, parse: (value: unknown) => unknown): Promise<ParsedAction> {
    try {
      return new ParsedAction(raw, { value: await parse(raw) });
    } catch (error) {
      return new ParsedAction(raw, { error });
    }
  }

  /** Throws what the schema threw. */
  value(): unknown {
    if ("error" in this.#outcome) throw this.#outcome.error;
    return this.#outcome.value;
  }

  toJSON(): unknown {
    return "error" in this.#outcome ? null : this.#outcome.value;
  }
}
