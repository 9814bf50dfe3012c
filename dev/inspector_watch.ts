/** Watches both sides of the proxy: the same eyes before it and behind it, so that what differs is what it changed. */

import { now } from "./inspector.ts";
import type { Body, Fact, Subject } from "./inspector_facts.ts";
import type { Observation } from "./observations.ts";

type Fetch = (request: Request) => Promise<Response>;
type Note = (fact: Fact) => void;

/** Longer bodies are not kept: the inspector shows what people type. */
const BODY_SHOWN_BYTES = 64 * 1024;

const APPEND = /^\/realtime\/v1\/sessions\/([^/]+)\/in\/append$/;

/** Watches the proxy. What a sender left unnamed gets a name first, by which it is known again behind the proxy. */
export function watchProxy(fetch: Fetch, note: Note): Fetch {
  return async (request) => {
    const at = now();
    if (!isWatched(request)) return fetch(request);
    const { named, body } = await held(request);
    const subject = subjectOf(named, body);
    if (subject === undefined) return fetch(named);
    note({ kind: "arrived", at, ...subject, body });
    const response = await fetch(named);
    const refusal = response.ok ? {} : await readRefusal(response.clone());
    note({ kind: "answered", at: now(), ...subject, status: response.status, ...refusal });
    return response;
  };
}

/** Watches the upstream. */
export function watchUpstream(fetch: Fetch, note: Note): Fetch {
  return async (request) => {
    if (!isWatched(request)) return fetch(request);
    const at = now();
    const body = bodyOf(await request.clone().text());
    const subject = subjectOf(request, body);
    if (subject !== undefined) note({ kind: "reached", at, ...subject, body });
    return fetch(request);
  };
}

/** What the agent observed, as a fact. */
export function toFact(observation: Observation): Fact | undefined {
  const { chatId } = observation;
  const at = now();
  switch (observation.kind) {
    case "boot":
      return { kind: "booted", chatId, at, clientData: observation.clientData };
    case "turn":
      return { kind: "saw", chatId, at, clientData: observation.clientData };
    case "turn-complete":
      return { kind: "over", chatId, at, ...readError(observation.error) };
    default:
      return undefined;
  }
}

/** A sealed agent says beside the user's sentence why a stamp does not hold. */
function readError(error: string | undefined): { error?: string; unproven?: string } {
  if (error === undefined) return {};
  const [, unproven, sentence] = /^StampRefusal \((\w+)\): (.*)$/s.exec(error) ?? [];
  return unproven === undefined ? { error } : { error: sentence!, unproven };
}

/** A request whose Host is none has no URL either: the proxy refuses it itself. */
function isWatched({ method, url }: Request): boolean {
  if (!URL.canParse(url)) return false;
  const { pathname } = new URL(url);
  return method === "POST" && (pathname === "/api/v1/sessions" || APPEND.test(pathname));
}

/** The request with its body in hand, which not every server's request can be copied with, and with a name. */
async function held(request: Request): Promise<{ named: Request; body: Body }> {
  const { url, method, signal } = request;
  const bytes = await request.arrayBuffer();
  const headers = new Headers(request.headers);
  if (!headers.has("x-part-id")) headers.set("x-part-id", crypto.randomUUID());
  return {
    named: new Request(url, { method, headers, body: bytes, signal }),
    body: bodyOf(new TextDecoder().decode(bytes)),
  };
}

function subjectOf({ url, headers }: Request, { text }: Body): Subject | undefined {
  const id = headers.get("x-part-id") ?? "";
  const session = APPEND.exec(new URL(url).pathname)?.[1];
  if (session !== undefined) return { use: "append", chatId: safeDecode(session), id };
  const chatId = /"externalId"\s*:\s*"([^"\\]+)"/.exec(text ?? "")?.[1];
  return chatId === undefined ? undefined : { use: "create", chatId, id };
}

function safeDecode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function bodyOf(text: string): Body {
  const bytes = new TextEncoder().encode(text).length;
  return { text: bytes > BODY_SHOWN_BYTES ? null : text, bytes };
}

async function readRefusal(response: Response): Promise<{ code?: string; sentence?: string }> {
  try {
    const { code, error } = await response.json() as { code?: unknown; error?: unknown };
    return { ...(typeof code === "string" && { code }), ...(typeof error === "string" && { sentence: error }) };
  } catch {
    return {};
  }
}
