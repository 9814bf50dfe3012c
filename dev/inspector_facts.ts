/** What the inspector knows of each message, and of each session that was created: one fact for each thing that happened. */

/** The message or creation that a fact is about. `id` is the append's `X-Part-Id`, which both sides of the proxy see. */
export interface Subject {
  readonly use: "create" | "append";
  readonly chatId: string;
  readonly id: string;
}

/** A body as text, and its size; `null` where it is too long to be shown. */
export interface Body {
  readonly text: string | null;
  readonly bytes: number;
}

/** Times are milliseconds since 1970, with fractions. */
export type Fact =
  /** It came to the proxy. */
  | (Subject & { readonly kind: "arrived"; readonly at: number; readonly body: Body })
  /** The proxy answered its sender. `code` and `sentence` are those of a refusal or failure. */
  | (Subject & {
    readonly kind: "answered";
    readonly at: number;
    readonly status: number;
    readonly code?: string;
    readonly sentence?: string;
  })
  /** It came to Trigger.dev, through the proxy or around it. */
  | (Subject & { readonly kind: "reached"; readonly at: number; readonly body: Body })
  /** A run booted, with the client data of the session's creation. */
  | { readonly kind: "booted"; readonly chatId: string; readonly at: number; readonly clientData: unknown }
  /** The agent got a message, and this client data with it. */
  | { readonly kind: "saw"; readonly chatId: string; readonly at: number; readonly clientData: unknown }
  /** A turn was over. With an error, the agent turned the message down, or failed; `unproven` is why its seal did not hold. */
  | {
    readonly kind: "over";
    readonly chatId: string;
    readonly at: number;
    readonly error?: string;
    readonly unproven?: string;
  };

/** A fact in the order in which the inspector heard of it. */
export type Numbered = Fact & { readonly n: number };

/** What the page has to know before it can begin. */
export interface PageConfig {
  /** Changes with every start: what a page kept of an earlier one is gone. */
  readonly startId: string;
  readonly agentId: string;
  /** Whether it is the demo's: then the page knows how it answers. */
  readonly isDemo: boolean;
  /** What the page sends of its user. */
  readonly clientData: Readonly<Record<string, unknown>>;
  readonly namespace: string;
  readonly seal: "none" | "signed" | "encrypted";
  readonly proxyUrl: string;
  readonly upstreamUrl: string;
}
