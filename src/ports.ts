/**
 * The three places where a subpath plugs in: seal, pass and admit. The core knows these interfaces
 * only; what implements them costs nothing where it is not imported.
 *
 * @module
 */
import type { EventBase, ProxyEvent } from "./events.ts";
import type { Caller } from "./tokens.ts";
import type { Json, Platform, Signals } from "./trust.ts";

/** What a stamp is about: the chat and the message that it must not be moved away from. */
export interface StampContext {
  /** Whether the stamp goes into a session's creation or into one of its messages. */
  readonly use: "create" | "append";
  /** The chat: a create's `externalId`, or the append path's id, resolved through the token where it is `session_…`. */
  readonly chat: string | undefined;
  /** The append's `X-Part-Id` as it goes upstream. */
  readonly partId: string | undefined;
  /** The payload's `trigger`. */
  readonly trigger: string | undefined;
  /** The payload's `messageId`, or the `id` of its message. */
  readonly messageId: string | undefined;
  /** The payload's message as it was sent: JSON text. */
  readonly messageJson: string | undefined;
  /** The payload's action as it was sent: JSON text. */
  readonly actionJson: string | undefined;
}

/** Turns signals into a stamp that proves itself. Implemented by `edgestamp/seal`. */
export interface Sealer {
  /** The stamp: what is written under the namespace. */
  seal(signals: Signals | null, context: StampContext): Promise<Json>;
  /** The public keys, served at `/.well-known/edgestamp/jwks.json`. Absent where there are none. */
  readonly jwks?: { readonly keys: readonly Json[] };
}

/** Whose signals a call is judged and stamped by: its caller's, those in a pass, or the app's server's own. */
export type Via = "direct" | "pass" | "server";

/** A request that comes with a pass, or asks for one. */
export interface PassCall {
  /** The request; its body is unread where a pass is asked for, else used. */
  readonly request: Request;
  /** What the runtime gave beside it. */
  readonly platform: Platform | undefined;
  /** Who calls, by the look of the token. Nothing is verified. */
  readonly caller: Caller;
  /** As in {@link StampContext}; `undefined` where the call names no chat. */
  readonly chat: string | undefined;
  /** Reads the live signals of the caller. */
  signals(): Promise<Signals | null>;
}

/** A new pass. */
export interface IssuedPass {
  /** What goes into the header `X-Edge-Pass`. */
  readonly pass: string;
  /** When it ends: ISO 8601. */
  readonly expiresAt: string;
  /** How long that is from now, for those whose clock is another. */
  readonly expiresInSeconds: number;
}

/** The signals of a call, and whose they are. */
export interface Resolved {
  /** What is judged and stamped. */
  readonly signals: Signals | null;
  /** Whose they are. */
  readonly via: Via;
}

/** Issues passes, and tells which signals a call is stamped with. Implemented by `edgestamp/pass`. */
export interface Passes {
  /** Answers `POST /.edgestamp/pass`: reads its body, and throws a `Refusal`. */
  issue(call: PassCall): Promise<IssuedPass>;
  /** The signals to stamp. Throws `edge_pass_stale` for a pass that is expired or of another chat. */
  resolve(pass: string | null, call: PassCall): Promise<Resolved>;
}

/** Tells whether the proxy can do its work now, at `/.edgestamp/ready`. Implemented by `edgestamp/ready`. */
export interface Readiness {
  /**
   * Throws a `Refusal` (`edge_not_ready`) where it cannot. `upstream` is the upstream's URL, without a slash at its end.
   * Anybody may ask as often as they like, so it must not cost a request upstream each time.
   */
  check(upstream: string): Promise<void>;
}

/** Watches requests. Implemented by `edgestamp/watch`. */
export interface Watcher {
  /** Begins to watch a request. Must not throw, and no more must what it gives. */
  watch(request: Request): Watch;
}

/** What is noted of one request. */
export interface Watch {
  /** The signals are being read, or the upstream is being asked. */
  begin(what: "trust" | "upstream"): void;
  /** That is done. What was begun and is never done has failed. */
  end(what: "trust" | "upstream"): void;
  /** A decision was made. */
  told(event: ProxyEvent): void;
  /** The answer is about to begin: the last that is noted. Headers may still be set. */
  answered(response: Response, about: EventBase): void;
}

/** What may be known of a call before it is let in. */
export interface AdmitCall {
  /** What it is for: a session's creation, a message, or a pass. */
  readonly use: "create" | "append" | "pass";
  /** Who calls, by the look of the token. Nothing is verified: judge by `via`. */
  readonly caller: Caller;
  /** Whose signals they are. */
  readonly via: Via;
  /** As in {@link StampContext}. Absent where a pass is asked for: anybody may name any chat there. */
  readonly chat: string | undefined;
  /** The request; its body is not to be read. */
  readonly request: Request;
  /** What the runtime gave beside it. */
  readonly platform: Platform | undefined;
}

/** Let in, or why not. */
export type AdmitVerdict =
  | { readonly admit: true }
  | { readonly admit: false; readonly reason: "forbidden" }
  | { readonly admit: false; readonly reason: "rate_limited"; readonly retryAfterSeconds: number }
  | { readonly admit: false; readonly reason: "challenge"; readonly challenge: Json };

/** May refuse or challenge a create, a message or the issue of a pass by signals, before a run is paid for. */
export type Admit = (signals: Signals | null, call: AdmitCall) => AdmitVerdict | Promise<AdmitVerdict>;
