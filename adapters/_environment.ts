/**
 * The environment of the ready-made servers: read once, judged whole, told in one line.
 *
 * @module
 */
import * as v from "valibot";
import { compile, namespaceSchema, type Options, originSchema } from "../src/options.ts";
import { weakness } from "./_secret.ts";
import type { Environment } from "./_types.ts";

/** What an environment says. */
export interface Setup<T extends string = string> {
  readonly options: Options & { readonly upstream: string; readonly namespace: string };
  /** The trust provider's name. */
  readonly trust: T;
  /** What a CDN must send before its headers are believed: one secret, or two while they are changed. */
  readonly proof: string | readonly [string, string] | undefined;
  readonly host: string;
  readonly port: number;
}

/** What differs between the ready-made servers. */
export interface Defaults<T extends string> {
  readonly namespace?: string;
  /** The trust providers that can be chosen; the first is the default. */
  readonly trusts: readonly [T, ...T[]];
}

/** An environment that cannot be used. The message is one line: the variable, what is wrong, the mend. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/** Reads an environment. Throws {@link EnvironmentError}. Values are never in the message. */
export function readEnvironment<T extends string>(env: Environment, { namespace = "__edge", trusts }: Defaults<T>): Setup<T> {
  const checked = v.safeParse(schemaFor(trusts), textsOf(env));
  if (!checked.success) {
    const [issue] = checked.issues;
    throw new EnvironmentError(`${v.getDotPath(issue) ?? "environment"}: ${issue.message}`);
  }
  const { output } = checked;
  const trust = output.EDGE_TRUST ?? trusts[0];
  const proof = output.EDGE_PROOF_SECRET;
  if ((trust === "headers" || trust === "fastly") && proof === undefined) {
    throw new EnvironmentError(`EDGE_PROOF_SECRET: is needed where EDGE_TRUST is ${trust}; ${PROOF_MEND}`);
  }
  return {
    options: {
      upstream: output.TRIGGER_API_UPSTREAM ?? "https://api.trigger.dev",
      namespace: output.EDGE_NAMESPACE ?? namespace,
      ...(output.EDGE_GUARD && { guard: output.EDGE_GUARD }),
      ...(output.EDGE_ALLOWED_ORIGINS && { cors: { origins: output.EDGE_ALLOWED_ORIGINS } }),
    },
    trust,
    proof,
    host: output.HOST ?? "0.0.0.0",
    port: output.PORT ?? 3000,
  };
}

/** The allowed origins alone, for the answer that says what else is wrong. */
export function readOrigins(env: Environment): readonly string[] | "*" | undefined {
  const checked = v.safeParse(v.optional(ORIGINS), textsOf(env)["EDGE_ALLOWED_ORIGINS"]);
  return checked.success ? checked.output : undefined;
}

const NAMES = [
  "TRIGGER_API_UPSTREAM",
  "EDGE_NAMESPACE",
  "EDGE_ALLOWED_ORIGINS",
  "EDGE_GUARD",
  "EDGE_SEAL",
  "EDGE_SEAL_KEY",
  "EDGE_TRUST",
  "EDGE_PROOF_SECRET",
  "HOST",
  "PORT",
] as const;

const PROOF_MEND = "set what the CDN sends as its proof, 32 or more random characters, e.g. openssl rand -base64 32";

/** The variables that are set. White space around a value is a shell's or a file's, and an empty value is none. */
function textsOf(env: Environment): Record<string, unknown> {
  const set = NAMES.map((name) => [name, typeof env[name] === "string" ? env[name].trim() : env[name]] as const);
  return Object.fromEntries(set.filter(([, value]) => value !== undefined && value !== null && value !== ""));
}

const text = v.string("is not text; set a string");

const ORIGINS = v.pipe(
  text,
  v.transform((list) => list.split(",").map((origin) => origin.trim()).filter((origin) => origin !== "")),
  v.check(
    (origins) => origins.length > 0 && (origins.join() === "*" || origins.every((origin) => v.is(originSchema, origin))),
    "is not a list of origins; set * alone, or origins as browsers send them, such as https://app.example.com,https://*.example.com",
  ),
  v.transform((origins) => origins.join() === "*" ? "*" as const : origins),
);

const PROOF = v.pipe(
  text,
  v.transform((list) => list.split(",").map((secret) => secret.trim())),
  v.check((secrets) => secrets.length <= 2, "has more than two secrets; set the new one and the old one, separated by a comma"),
  v.rawCheck(({ dataset, addIssue }) => {
    const message = dataset.typed ? dataset.value.map(weakness).find((why) => why !== undefined) : undefined;
    if (message !== undefined) addIssue({ message });
  }),
  v.transform((secrets) => secrets.length === 2 ? [secrets[0]!, secrets[1]!] as const : secrets[0]!),
);

const PORT = v.pipe(
  v.union([text, v.number()], "is not a port; set a number from 0 to 65535"),
  v.transform(String),
  v.check((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535, "is not a port; set a number from 0 to 65535"),
  v.transform(Number),
);

// deno-lint-ignore explicit-module-boundary-types
function schemaFor<T extends string>(trusts: readonly T[]) {
  return v.object({
    TRIGGER_API_UPSTREAM: v.optional(v.pipe(
      text,
      v.check(isUpstream, "is not an upstream; set an absolute http or https URL without credentials, query or fragment, such as https://api.trigger.dev"),
    )),
    EDGE_NAMESPACE: v.optional(v.pipe(
      text,
      v.check((key) => v.is(namespaceSchema, key), "is not a namespace; set 1 to 64 letters, digits, _, $ or -, such as __edge"),
    )),
    EDGE_ALLOWED_ORIGINS: v.optional(ORIGINS),
    EDGE_GUARD: v.optional(v.picklist(["standard", "chat", "off"], "is unknown; set standard, chat or off")),
    EDGE_SEAL: v.optional(v.pipe(
      v.picklist(["none", "signed", "encrypted"], "is unknown; set none, signed or encrypted"),
      v.check((seal) => seal === "none", "needs a seal, which this build does not have; set none"),
    )),
    EDGE_TRUST: v.optional(v.picklist(trusts, `is unknown here; set ${listed(trusts)}`)),
    EDGE_PROOF_SECRET: v.optional(PROOF),
    HOST: v.optional(v.pipe(text, v.regex(/^[\w.:-]+$/, "is not a host; set a name or an address without brackets, such as 0.0.0.0"))),
    PORT: v.optional(PORT),
  });
}

/** The core's own judgement. */
function isUpstream(upstream: string): boolean {
  try {
    compile({ upstream });
    return true;
  } catch {
    return false;
  }
}

function listed(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
