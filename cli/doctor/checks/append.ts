/**
 * `append`: every message carries the edge's stamp, whatever the browser put under the key.
 *
 * @module
 */
import type { Attempt, Delivered, Inside } from "../inside.ts";
import { appendTo, escapedKey, messageOf, NO_CHAT, payloadOf } from "../requests.ts";
import { broken, type Check, holds, list, needsInside, unknown, type Verdict } from "../verdict.ts";
import { metadataOf } from "../world.ts";

export const append: Check = {
  name: "append",
  async judge({ inside, namespace, first }) {
    if (inside === undefined || first === undefined) {
      return needsInside("What a message carries");
    }
    if (first.data === undefined) return unknown(notStored(first));
    if (namespace === undefined) {
      return broken(
        "A forged key arrived as it was sent, whatever its name: if the proxy writes another, give it with --namespace.",
      );
    }
    return sum(await inside.deliver(attempts(inside, namespace)), namespace);
  },
};

function notStored({ answer: { status, code } }: Delivered): string {
  if (code !== undefined) return `An ordinary message was refused (${code}), so none arrived that could be read.`;
  return `An ordinary message was answered with ${status} and did not arrive: check that --upstream is where the proxy forwards to.`;
}

function attempts({ session }: Inside, namespace: string): Attempt[] {
  const make = (name: string, metadata: (nonce: string) => unknown, path?: string): Attempt => {
    const nonce = crypto.randomUUID();
    const body = messageOf(payloadOf(session.chat, metadata(nonce)));
    return { name, nonce, body, ...(path === undefined ? {} : { path }) };
  };
  const forged = (nonce: string) => ({ userId: NO_CHAT, [namespace]: { forged: nonce } });
  const escaped = make("a forged key in escapes", forged);
  return [
    make("a forged key", forged),
    { ...escaped, body: String(escaped.body).replace(JSON.stringify(namespace), () => escapedKey(namespace)) },
    make("the session's own id in the path", forged, appendTo(session.id)),
    make("no metadata", () => undefined),
    make("metadata that is null", () => null),
  ];
}

function sum(delivered: readonly Delivered[], namespace: string): Verdict {
  const stored = delivered.filter(({ data }) => data !== undefined);
  const names = (some: readonly Delivered[]): string => list(some.map(({ attempt }) => attempt.name));
  const forged = stored.filter(({ isForged }) => isForged);
  if (forged.length > 0) {
    return broken(`What a browser put under the key arrived, by ${names(forged)}: send appends through edgestamp.`);
  }
  const bare = stored.filter(({ data }) => !Object.hasOwn(metadataOf(data) ?? {}, namespace));
  if (bare.length > 0) {
    return broken(`Messages arrived without a stamp, by ${names(bare)}: the key is to be always written.`);
  }
  const lost = stored.filter(({ data, attempt }) =>
    String(attempt.body).includes("userId") && metadataOf(data)?.["userId"] !== NO_CHAT
  );
  if (lost.length > 0) return broken(`The rest of the metadata did not arrive as it was sent, by ${names(lost)}.`);
  return holds("A forged key is replaced by the stamp, and the rest arrives as it was sent.");
}
