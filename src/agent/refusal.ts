/**
 * Why an agent does not act on something.
 *
 * @module
 */

/**
 * Why a stamp does not hold.
 *
 * - `missing`: there is none. `unsealed`: there is one without a proof.
 * - `invalid`: its proof is broken, of another kind, or by another key.
 * - `audience`: it is of another issuer, or for other agents.
 * - `shape`: its signals do not fit the schema.
 * - `client_data`: the rest of the client data does not fit the schema.
 * - `use`: a creation's stamp on a message, or a message's on a creation.
 * - `chat`: it is of another chat. `message`: it is of another message, action or trigger.
 * - `expired`, `future`: it is too old, or from a clock that is ahead.
 * - `replayed`: it was used before.
 * - `creation`: the chat was not started through the proxy.
 * - `head_start`: the chat was started by `chat.headStart`, whose second half nothing proves.
 * - `unjudged`: the turn failed before it could be judged; `cause` says why.
 * - `unread`: the agent was set up without `edge.schema`.
 */
export type RefusalReason =
  | "missing"
  | "unsealed"
  | "invalid"
  | "audience"
  | "shape"
  | "client_data"
  | "use"
  | "chat"
  | "message"
  | "expired"
  | "future"
  | "replayed"
  | "creation"
  | "head_start"
  | "unjudged"
  | "unread";

// What the user of the chat reads. It says what to do, and does not tell a prober what was wrong.
const UNPROVEN = "This message did not come through the app: reload the page and send it again";

const SENTENCES: Partial<Record<RefusalReason, string>> = {
  client_data: "This message came with data that the agent cannot read: reload the page and send it again",
  expired: "This message waited too long to be answered: send it again",
  creation: "This chat was not started through the app: start a new chat",
  head_start: "This chat was begun in a way that the agent does not take: start a new chat",
  unjudged: "This message could not be read: reload the page and send it again",
  unread: "This agent reads no stamps: give `edge.schema` to `chat.withClientData()`",
};

/** Thrown where an agent would have acted on something that its stamp does not prove. */
export class StampRefusal extends Error {
  /** The class's name. */
  override readonly name = "StampRefusal";
  /** What was wrong, for logs: the message is the user's. */
  readonly reason: RefusalReason;

  /** Makes a refusal with the reason's sentence. */
  constructor(reason: RefusalReason, options?: { cause?: unknown }) {
    super(SENTENCES[reason] ?? UNPROVEN, options);
    this.reason = reason;
  }
}
