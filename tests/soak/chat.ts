/**
 * One chat: somebody who sends one message after another and resends what was not answered, and somebody who
 * reads the answers and resumes where he was cut off. Both misbehave at random.
 */
import { exchange, open, type Opened, toBytes, within } from "../conformance/client.ts";
import { APPEND, asCaller, bearer, CHAT, messageBody } from "../conformance/requests.ts";
import { settle } from "../conformance/uploads.ts";
import type { Draws } from "./random.ts";

/** What befalls an attempt to send, on the sender's side. */
const SENDER_FAULTS = { none: 74, slow: 6, leavesInBody: 6, leavesAtOnce: 6, resetsAtOnce: 4, givesUp: 4 } as const;

/** What befalls a subscription, on the reader's side. */
const READER_FAULTS = { none: 40, leaves: 30, resets: 15, stalls: 15 } as const;

/** How long an answer is waited for: longer than the proxy may wait. */
const PATIENCE_MS = 8_000;

/** Where a chat is held. */
export interface Place {
  readonly id: string;
  /** The proxy's port. */
  readonly port: number;
  readonly token: string;
  readonly draws: Draws;
  readonly befell: Record<string, number>;
}

/** What was sent: each message's id, and whether it was answered with `ok`. */
export interface Sent {
  readonly id: string;
  readonly isAnswered: boolean;
}

const targetOf = (id: string, channel: "in/append" | "out"): string =>
  APPEND.replace(CHAT, id).replace("in/append", channel);

/** Sends messages until told to end; gives all that were sent, in order. */
export async function keepSending(place: Place, isOver: () => boolean, isCalm: () => boolean): Promise<Sent[]> {
  const { id: chat, draws } = place;
  const sent: Sent[] = [];
  for (let n = 0; !isOver(); n++) {
    const id = `${chat}-${n}`;
    let isAnswered = false;
    let hasGivenUp = false;
    for (let attempt = 0; !isAnswered && !hasGivenUp; attempt++) {
      const fault = isCalm() ? "none" : draws.pick(SENDER_FAULTS, "sender", id, attempt);
      place.befell[`sender ${fault}`] = (place.befell[`sender ${fault}`] ?? 0) + 1;
      hasGivenUp = fault === "givesUp";
      isAnswered = await attemptToSend(place, id, fault).catch(() => false);
      if (!isAnswered) await settle(draws.between(10, 120, "pause", id, attempt));
    }
    sent.push({ id, isAnswered });
    await settle(draws.between(0, 150, "think", id));
  }
  return sent;
}

/** Tries once. Whether it was answered with `ok`. */
async function attemptToSend(
  { id: chat, port, token, draws }: Place,
  id: string,
  fault: keyof typeof SENDER_FAULTS,
): Promise<boolean> {
  const body = messageBody().replaceAll(CHAT, chat).replace(
    '"hi"',
    `"${"word ".repeat(draws.between(0, 400, "size", id))}"`,
  )
    .replace('"m1"', `"${id}"`);
  const bytes = toBytes({
    target: targetOf(chat, "in/append"),
    fields: asCaller(token, ["X-Part-Id", `part-${id}`]),
    body,
  });
  if (fault === "none") return isOk(await exchange(port, bytes, PATIENCE_MS));
  const cut = bytes.length - draws.between(1, body.length - 1, "cut", id);
  if (fault === "slow") {
    const { socket, opened } = open(port, bytes.subarray(0, cut));
    await settle(draws.between(5, 200, "slow", id));
    socket.write(bytes.subarray(cut));
    const answer = await opened(PATIENCE_MS);
    const isFine = isOk({ ...answer, body: await bodyOf(answer) });
    socket.destroy();
    return isFine;
  }
  const { socket } = open(port, fault === "leavesInBody" ? bytes.subarray(0, cut) : bytes);
  await settle(draws.between(1, 60, "leave", id));
  if (fault === "resetsAtOnce") socket.resetAndDestroy();
  else socket.destroy();
  return false;
}

function isOk({ status, body }: { readonly status: number; readonly body: Buffer }): boolean {
  return status === 200 && body.toString().startsWith('{"ok":true');
}

async function bodyOf({ parts }: Opened): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}

/** What a reader has seen: how many records in all, in order and each once, or what was wrong. */
export interface Heard {
  next: number;
  complaint: string | undefined;
}

/** Reads a chat's answers from the first on, until told to end, resuming by `Last-Event-ID`. */
export async function keepReading(
  place: Place,
  heard: Heard,
  isOver: () => boolean,
  isCalm: () => boolean,
): Promise<void> {
  const { id, draws } = place;
  for (let attempt = 0; !isOver() && heard.complaint === undefined; attempt++) {
    const fault = isCalm() ? "none" : draws.pick(READER_FAULTS, "reader", id, attempt);
    place.befell[`reader ${fault}`] = (place.befell[`reader ${fault}`] ?? 0) + 1;
    await subscribe(place, heard, fault, draws.between(50, 4_000, "stay", id, attempt), isOver).catch(() => {});
    await settle(draws.between(5, 100, "resume", id, attempt));
  }
}

async function subscribe(
  { id, port, token }: Place,
  heard: Heard,
  fault: keyof typeof READER_FAULTS,
  stayMs: number,
  isOver: () => boolean,
): Promise<void> {
  const resume = heard.next === 0 ? [] : [["Last-Event-ID", String(heard.next - 1)] as const];
  const fields = [bearer(token), ["Accept", "text/event-stream"] as const, ...resume];
  const { socket, opened } = open(port, toBytes({ method: "GET", target: targetOf(id, "out"), fields }));
  const timer = setTimeout(() => {
    if (fault === "leaves") socket.destroy();
    if (fault === "resets") socket.resetAndDestroy();
    if (fault === "stalls") socket.pause(), setTimeout(() => socket.resume(), 700);
  }, stayMs);
  const watch = setInterval(() => isOver() && socket.destroy(), 100);
  try {
    const answer = await opened(PATIENCE_MS);
    if (answer.status !== 200) return;
    let text = "";
    for (;;) {
      const { value, done } = await within(answer.parts.next(), 70_000, "nothing came");
      if (done) return;
      text += value.toString();
      const events = text.split("\n\n");
      // What has no end yet may still be cut off, and is then told once more.
      text = events.pop()!;
      for (const event of events) take(event, heard);
    }
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    socket.destroy();
  }
}

function take(event: string, heard: Heard): void {
  const data = /^data: (.*)$/m.exec(event)?.[1];
  if (!/^event: batch$/m.test(event) || data === undefined) return;
  for (const { seq_num, body } of (JSON.parse(data) as { records: { seq_num: number; body: string }[] }).records) {
    const said = (JSON.parse(body) as { data: number }).data;
    if (seq_num !== heard.next || said !== seq_num) {
      heard.complaint ??= `record ${seq_num} (${said}) came for ${heard.next}`;
    }
    heard.next = seq_num + 1;
  }
}
