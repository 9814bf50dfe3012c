/** Tables of requests and what is stamped of them, for providers that read headers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { edgeSignalsOnly } from "../../../adapters/signals.ts";

export const SECRET = "kT9vB2qLx7RmZ4nWc8Hj3PfYd6Gs1Ua0";
export const OLD = "Qe5Xo1Lw9Vt3Kb7Mz2Rc8Nf4Hy6Jp0Sg";
export const PROOF = { header: "x-edgestamp-proof", secret: SECRET } as const;
export const PROVEN = { "x-edgestamp-proof": SECRET };
export const JA3 = "cd08e31494f9531f560d64c695473da9";
export const JA4 = "t13d1516h2_8daaf6152771_b186095e22b6";

/** What arrives for a value whose bytes are UTF-8: one character for each byte. */
export const bytes = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));

/** A list as a value sends the header more than once. */
export type Given = Readonly<Record<string, string | readonly string[]>>;

export type Row = readonly [what: string, headers: Given, stamped: unknown];

interface Readable {
  read(request: Request): unknown;
}

export function call(given: Given): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(given)) for (const value of [values].flat()) headers.append(name, value);
  return new Request("http://p.example/", { headers });
}

/** Each row is what `provider` reads of it, and of the vocabulary. */
export function reads(provider: Readable, rows: readonly Row[]): void {
  for (const [what, headers, stamped] of rows) {
    test(what, async () => {
      const signals = await provider.read(call(headers));
      assert.deepEqual(signals, stamped);
      if (signals !== null) assert.ok(v.is(edgeSignalsOnly, signals), "outside of the vocabulary");
    });
  }
}

/** Whatever a row has, nothing is read of it where its proof is absent, wrong or doubled. */
export function needsProof(provider: Readable, rows: readonly Row[]): void {
  for (const [what, headers] of rows) {
    test(`forged: ${what}`, async () => {
      const { [PROOF.header]: _, ...forged } = headers as Record<string, string>;
      for (const proof of [[], [OLD], [SECRET, SECRET], [""]]) {
        await assert.rejects(async () => await provider.read(call({ ...forged, [PROOF.header]: proof })), {
          message: /the proof is absent or wrong$/,
        });
      }
    });
  }
}
