/** What the agent saw, as it tells whoever runs it. */

export type Observation =
  /** `clientData` as the agent's schema let it through, for every turn that reached the model. */
  | {
    readonly kind: "turn";
    readonly runId: string;
    readonly chatId: string;
    readonly trigger: string;
    readonly clientData: unknown;
  }
  /** An action reached the agent. */
  | { readonly kind: "action"; readonly chatId: string; readonly action: unknown; readonly clientData: unknown }
  /** A run booted: with the metadata of the session's creation. */
  | {
    readonly kind: "boot";
    readonly runId: string;
    readonly chatId: string;
    readonly continuation: boolean;
    readonly clientData: unknown;
  }
  /** A turn was over. With an error, the model was not asked, or failed. */
  | {
    readonly kind: "turn-complete";
    readonly runId: string;
    readonly chatId: string;
    readonly error: string | undefined;
  }
  /** A run ended. With an error, before it could answer. */
  | { readonly kind: "run-end"; readonly runId: string; readonly chatId: string; readonly error: string | undefined };

/** Is told what an agent saw. */
export type Observe = (observation: Observation) => void;
