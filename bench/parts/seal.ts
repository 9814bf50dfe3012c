/**
 * What sealing costs: by itself, and for a whole append.
 *
 * @module
 */
import { exportJWK, generateKeyPair } from "jose";
import type { Keys } from "../contenders.ts";
import { runInside } from "../insides.ts";
import { appendCase, runLoad } from "../load.ts";
import type { Plan } from "../plan.ts";
import type { Runtime } from "../processes.ts";
import { type Row, sizeName } from "../rows.ts";
import { SEALED_BYTES } from "../seal_contests.ts";
import { figure, ratios } from "../stats.ts";

/** Times the seals on one runtime. */
export async function sealRows({ runs, sliceMs, loadSeconds: seconds }: Plan, runtime: Runtime): Promise<Row[]> {
  const keys = await makeKeys();
  const { seal } = await runInside(runtime, { section: "seal", keys }, { runs, sliceMs });
  const test = appendCase("text", SEALED_BYTES);
  const contenders = ["edgestamp", "signed", "encrypted"] as const;
  const results = (await runLoad(runtime, [test], { runs, seconds }, { contenders, keys }))[test.name]!;
  const plain = results["edgestamp"]!;
  const stamps = ["plain", "signed", "encrypted"].map((mode): Row => ({
    case: mode,
    measure: "one stamp",
    unit: "µs",
    runtime,
    figure: figure(seal![mode]!.map((nanos) => nanos / 1000)),
  }));
  const appends = (["signed", "encrypted"] as const).flatMap((mode): Row[] => {
    const row = { case: `${mode}, ${sizeName(SEALED_BYTES)}`, unit: "×" as const, runtime };
    const { cpuMicros, requestsPerSecond } = results[mode]!;
    return [
      { ...row, measure: "an append's processor ÷ plain's", figure: ratios(cpuMicros, plain.cpuMicros) },
      { ...row, measure: "requests/s ÷ plain's", figure: ratios(requestsPerSecond, plain.requestsPerSecond) },
    ];
  });
  return [...stamps, ...appends];
}

async function makeKeys(): Promise<Keys> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const { kty, crv, x, d } = await exportJWK(privateKey);
  const k = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  return {
    signing: JSON.stringify({ kty, crv, kid: "bench", x, d }),
    secret: JSON.stringify({ kty: "oct", kid: "bench", k }),
  };
}
