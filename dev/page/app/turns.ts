/** Puts the facts of a chat together: one turn for each message, in the order in which they were sent. */

import type { Body, Numbered } from "../../inspector_facts.ts";
import { at, type Json, parseJson } from "./json.ts";

/** When something happened, in milliseconds since 1970. */
export interface Moments {
  readonly sent?: number;
  readonly arrived?: number;
  readonly reached?: number;
  readonly saw?: number;
  readonly firstWord?: number;
  readonly over?: number;
}

/** What the browser itself knows of a message it sent. */
export interface Sending extends Pick<Moments, "sent" | "firstWord" | "over"> {
  readonly around: boolean;
}

export type Sendings = Readonly<Record<string, Sending>>;

export interface Turn {
  readonly id: string;
  readonly use: "create" | "append";
  readonly messageId: string | undefined;
  /** What was written. */
  readonly text: string;
  readonly around: boolean;
  /** The body at its first hop, and as Trigger.dev got it. */
  readonly sent: Body | undefined;
  readonly reached: Body | undefined;
  readonly refused: { readonly status: number; readonly code?: string; readonly sentence?: string } | undefined;
  readonly saw: { readonly clientData: Json } | undefined;
  /** The agent's error, where it did not answer. */
  readonly error: string | undefined;
  /** Why its seal did not hold, where that is the error. */
  readonly unproven: string | undefined;
  readonly moments: Moments;
}

type Sight = Extract<Numbered, { kind: "saw" }>;
type End = Extract<Numbered, { kind: "over" }>;
type Draft = { -readonly [K in keyof Turn]: Turn[K] };

/** Facts come from three processes, so one may be told before what led to it: they are put in the order of their times. */
export function toTurns(told: readonly Numbered[], sendings: Sendings): readonly Turn[] {
  const facts = told.toSorted((one, two) => one.at - two.at);
  const drafts = new Map<string, Draft>();
  const draftOf = (id: string, use: Turn["use"], body: Body): Draft => {
    const known = drafts.get(id);
    if (known !== undefined) return known;
    const draft = begin(id, use, body, sendings[id]);
    drafts.set(id, draft);
    return draft;
  };
  const ends: End[] = [];
  const sights: Sight[] = [];
  for (const fact of facts) {
    if (fact.kind === "arrived" || fact.kind === "reached") tellBody(draftOf(fact.id, fact.use, fact.body), fact);
    else if (fact.kind === "answered") tellAnswer(drafts.get(fact.id), fact);
    else if (fact.kind === "saw") sights.push(fact);
    else if (fact.kind === "over") ends.push(fact);
    else tellBoot(drafts, fact);
  }
  settle([...drafts.values()].filter((draft) => isMessage(draft) && draft.moments.reached !== undefined), sights, ends);
  return [...drafts.values()]
    .filter((draft) => draft.use === "create" || isMessage(draft))
    // A message of another tab, or of a reload ago, went around the proxy if the proxy never saw it.
    .map((draft) => ({ ...draft, around: sendings[draft.id]?.around ?? draft.sent === undefined }))
    .sort((one, two) => startOf(one) - startOf(two));
}

function begin(id: string, use: Turn["use"], body: Body, sending: Sending | undefined): Draft {
  const payload = at(parseJson(body.text), ...(use === "create" ? ["triggerConfig", "basePayload"] : ["payload"]));
  const messageId = at(payload, "message", "id");
  const { around: _, ...moments } = sending ?? {};
  return {
    id,
    use,
    messageId: typeof messageId === "string" ? messageId : undefined,
    text: textOf(at(payload, "message", "parts"), at(payload, "trigger")),
    around: false,
    sent: undefined,
    reached: undefined,
    refused: undefined,
    saw: undefined,
    error: undefined,
    unproven: undefined,
    moments,
  };
}

function textOf(parts: Json | undefined, trigger: Json | undefined): string {
  const texts = Array.isArray(parts) ? parts.flatMap((part) => at(part, "text") ?? []) : [];
  if (texts.length > 0) return texts.join(" ");
  return Array.isArray(parts) ? "approval of a tool" : String(trigger ?? "");
}

function tellBody(draft: Draft, { kind, at, body }: { kind: "arrived" | "reached"; at: number; body: Body }): void {
  draft.moments = { ...draft.moments, [kind]: at };
  if (kind === "arrived") draft.sent = body;
  else draft.reached = body;
}

function tellAnswer(
  draft: Draft | undefined,
  { status, code, sentence }: Extract<Numbered, { kind: "answered" }>,
): void {
  if (draft === undefined || status < 400) return;
  draft.refused = { status, ...(code !== undefined && { code }), ...(sentence !== undefined && { sentence }) };
}

function tellBoot(drafts: ReadonlyMap<string, Draft>, { at, clientData }: { at: number; clientData: unknown }): void {
  const created = [...drafts.values()].findLast(({ use, saw }) => use === "create" && saw === undefined);
  if (created === undefined) return;
  created.saw = { clientData: clientData as Json };
  created.moments = { ...created.moments, saw: at };
}

function isMessage({ use, sent, reached }: Draft): boolean {
  return use === "append" && at(parseJson((reached ?? sent)?.text), "kind") === "message";
}

/** The agent takes messages one by one and in order, so its first unseen end belongs to the first message without one. */
function settle(
  messages: readonly Draft[],
  sights: Sight[],
  ends: End[],
): void {
  for (const message of messages.toSorted((one, two) => one.moments.reached! - two.moments.reached!)) {
    const end = ends.shift();
    const sight = end === undefined || (sights[0]?.at ?? Infinity) < end.at ? sights.shift() : undefined;
    if (sight !== undefined) {
      message.saw = { clientData: sight.clientData as Json };
      message.moments = { ...message.moments, saw: sight.at };
    }
    if (end === undefined) continue;
    if (end.error !== undefined) message.error = end.error;
    message.unproven = end.unproven;
    message.moments = { ...message.moments, over: message.moments.over ?? end.at };
  }
}

function startOf({ moments }: Turn): number {
  return moments.sent ?? moments.arrived ?? moments.reached ?? 0;
}
