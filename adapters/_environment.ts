/**
 * What the environment says to a ready-made server, on a machine of one's own or hosted: read once, judged whole.
 *
 * @module
 */
import { weakness } from "./_secret.ts";
import { type Defaults, readSettings, type Settings } from "./_settings.ts";
import type { Environment } from "./_types.ts";
import { choice, EnvironmentError, parseVariables, partsOf, textVariable } from "./_variables.ts";

/** What an environment says. */
export interface Setup<T extends string = string> extends Settings<T> {
  /** What a CDN must send before its headers are believed: one secret, or two while they are changed. */
  readonly proof: string | readonly [string, string] | undefined;
  /** How stamps prove themselves, and by which key; `undefined` where they do not. */
  readonly seal: { readonly kind: "signed" | "encrypted"; readonly key: string } | undefined;
  /** Whether each request is a line in the log. */
  readonly log: LogSetting;
}

/** Whether each request is a line in the log. */
export type LogSetting = "json" | "none";

/** An environment, and `defaults` where it sets nothing: an empty value sets nothing. */
export function withDefaults(env: Environment, defaults: Environment): Environment {
  const set = Object.entries(env).filter(([, value]) => typeof value !== "string" || value.trim() !== "");
  return { ...defaults, ...Object.fromEntries(set) };
}

/**
 * Reads an environment. Throws `EnvironmentError`: one line that names the variable and the mend, without values. A key or
 * a secret that nothing asks for is no accident to pass over: who set it takes the server for sealed, or for proven.
 */
export function readEnvironment<T extends string>(
  env: Environment,
  { log = "json", ...defaults }: Defaults<T> & { readonly log?: LogSetting },
): Setup<T> {
  const settings = readSettings(env, defaults);
  const variables = parseVariables(env, VARIABLES);
  const { EDGE_PROOF_SECRET: proof, EDGE_SEAL: kind, EDGE_SEAL_KEY: key } = variables;
  checkProof(proof, settings.trust, defaults.trusts);
  return { ...settings, proof, seal: sealOf(kind, key), log: variables.EDGE_LOG ?? log };
}

/** The trust providers that are nothing without a proof, and the only ones that look at it. */
const PROVEN: readonly string[] = ["headers", "fastly"];

function checkProof(proof: Setup["proof"], trust: string, trusts: readonly string[]): void {
  if (PROVEN.includes(trust) === (proof !== undefined)) return;
  if (proof === undefined) {
    throw new EnvironmentError(
      `EDGE_PROOF_SECRET: is needed where EDGE_TRUST is ${trust}; set 32 or more random characters, e.g. openssl rand -base64 32, and have them sent as X-Edgestamp-Proof`,
    );
  }
  const others = PROVEN.filter((name) => trusts.includes(name)).join(" or ");
  throw new EnvironmentError(
    `EDGE_PROOF_SECRET: is of no use where EDGE_TRUST is ${trust}; ${
      others && `set EDGE_TRUST to ${others}, or `
    }leave it out`,
  );
}

function sealOf(kind: "none" | "signed" | "encrypted" | undefined, key: string | undefined): Setup["seal"] {
  if (kind === undefined && key !== undefined) {
    throw new EnvironmentError("EDGE_SEAL: is needed where EDGE_SEAL_KEY is set; set signed, encrypted or none");
  }
  if (kind === undefined || kind === "none") return undefined;
  if (key === undefined) {
    throw new EnvironmentError(
      `EDGE_SEAL_KEY: is needed where EDGE_SEAL is ${kind}; run \`edgestamp keygen${
        kind === "encrypted" ? " --encrypted" : ""
      }\` and set what stands after EDGE_SEAL_KEY=, without quotes`,
    );
  }
  return { kind, key };
}

const VARIABLES = {
  EDGE_SEAL: choice("is unknown", ["none", "signed", "encrypted"]),
  EDGE_SEAL_KEY: textVariable(() => true, ""),
  EDGE_LOG: choice<LogSetting>("is unknown", ["json", "none"]),
  EDGE_PROOF_SECRET: {
    read(list: string): string | readonly [string, string] | undefined {
      if (whyNoProof(list) !== undefined) return undefined;
      const [one, other] = partsOf(list) as [string, string | undefined];
      return other === undefined ? one : [one, other];
    },
    why: (list: string) => whyNoProof(list)!,
  },
};

function whyNoProof(list: string): string | undefined {
  const secrets = partsOf(list);
  return secrets.length > 2
    ? "has more than two secrets; set the new one and the old one, separated by a comma"
    : secrets.map(weakness).find((why) => why !== undefined);
}
