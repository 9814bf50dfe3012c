/**
 * What each environment variable may be, and the mend where it is not.
 *
 * @module
 */
import * as v from "valibot";
import type { GuardSetting } from "../src/guard.ts";
import { compile, namespaceSchema, originSchema } from "../src/options.ts";
import { weakness } from "./_secret.ts";
import type { Environment } from "./_types.ts";

/** How stamps prove themselves. */
type SealSetting = "none" | "signed" | "encrypted";

/** Whether each request is a line in the log. */
export type LogSetting = "json" | "none";

/** The variables that are set, each as what it means. */
export interface Variables<T extends string> {
  readonly TRIGGER_API_UPSTREAM?: string | undefined;
  readonly EDGE_NAMESPACE?: string | undefined;
  readonly EDGE_ALLOWED_ORIGINS?: readonly string[] | "*" | undefined;
  readonly EDGE_GUARD?: GuardSetting | undefined;
  readonly EDGE_SEAL?: SealSetting | undefined;
  readonly EDGE_SEAL_KEY?: string | undefined;
  readonly EDGE_TRUST?: T | undefined;
  readonly EDGE_PROOF_SECRET?: string | readonly [string, string] | undefined;
  readonly EDGE_LOG?: LogSetting | undefined;
  readonly EDGE_MAX_IN_FLIGHT?: number | undefined;
  readonly HOST?: string | undefined;
  readonly PORT?: number | undefined;
}

/** An environment that cannot be used. The message is one line: the variable, what is wrong, the mend. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/** Reads the variables, `EDGE_TRUST` out of `trusts`. Throws {@link EnvironmentError}; values are never in its message. */
export function parseVariables<T extends string>(env: Environment, trusts: readonly T[]): Variables<T> {
  const trust = v.picklist(trusts, `is unknown here; set ${listed(trusts)}`);
  const checked = v.safeParse(v.object({ ...SCHEMAS, EDGE_TRUST: v.optional(trust) }), textsOf(env));
  if (checked.success) return checked.output as Variables<T>;
  const [issue] = checked.issues;
  throw new EnvironmentError(`${v.getDotPath(issue) ?? "environment"}: ${issue.message}`);
}

/** The allowed origins alone, for the answer that says what else is wrong. `undefined` where they are wrong, too. */
export function parseOrigins(env: Environment): readonly string[] | "*" | undefined {
  const checked = v.safeParse(SCHEMAS.EDGE_ALLOWED_ORIGINS, textsOf(env)["EDGE_ALLOWED_ORIGINS"]);
  return checked.success ? checked.output : undefined;
}

const text = v.string("is not text; set a string");

const origins = v.pipe(
  text,
  v.transform((list) => list.split(",").map((origin) => origin.trim()).filter((origin) => origin !== "")),
  v.check(
    (list) => list.length > 0 && (list.join() === "*" || list.every((origin) => v.is(originSchema, origin))),
    "is not a list of origins; set * alone, or origins as browsers send them, such as https://app.example.com,https://*.example.com",
  ),
  v.transform((list) => list.join() === "*" ? "*" as const : list),
);

const proof = v.pipe(
  text,
  v.transform((list) => list.split(",").map((secret) => secret.trim())),
  v.check(
    (list) => list.length <= 2,
    "has more than two secrets; set the new one and the old one, separated by a comma",
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    const why = dataset.typed ? dataset.value.map(weakness).find((why) => why !== undefined) : undefined;
    if (why !== undefined) addIssue({ message: why });
  }),
  v.transform((list) => list.length === 2 ? [list[0]!, list[1]!] as const : list[0]!),
);

const NOT_A_COUNT = "is not a number of requests; set a whole number above 0, such as 10000";
const NOT_A_PORT = "is not a port; set a number from 0 to 65535";

const SCHEMAS = {
  TRIGGER_API_UPSTREAM: v.optional(v.pipe(
    text,
    v.check(
      isUpstream,
      "is not an upstream; set an absolute http or https URL without credentials, query or fragment, such as https://api.trigger.dev",
    ),
  )),
  EDGE_NAMESPACE: v.optional(v.pipe(
    text,
    v.check(
      (key) => v.is(namespaceSchema, key),
      "is not a namespace; set 1 to 64 letters, digits, _, $ or -, such as __edge",
    ),
  )),
  EDGE_ALLOWED_ORIGINS: v.optional(origins),
  EDGE_GUARD: v.optional(v.picklist(["standard", "chat", "off"], "is unknown; set standard, chat or off")),
  EDGE_SEAL: v.optional(v.picklist(["none", "signed", "encrypted"], "is unknown; set none, signed or encrypted")),
  EDGE_SEAL_KEY: v.optional(text),
  EDGE_TRUST: v.optional(text),
  EDGE_PROOF_SECRET: v.optional(proof),
  EDGE_LOG: v.optional(v.picklist(["json", "none"], "is unknown; set json or none")),
  EDGE_MAX_IN_FLIGHT: v.optional(v.pipe(
    v.union([text, v.number()], NOT_A_COUNT),
    v.transform(String),
    v.regex(/^[1-9]\d{0,6}$/, NOT_A_COUNT),
    v.transform(Number),
  )),
  HOST: v.optional(v.pipe(
    text,
    v.regex(/^[\w.:-]+$/, "is not a host; set a name or an address without brackets, such as 0.0.0.0"),
  )),
  PORT: v.optional(v.pipe(
    v.union([text, v.number()], NOT_A_PORT),
    v.transform(String),
    v.check((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535, NOT_A_PORT),
    v.transform(Number),
  )),
};

/** The variables that are set. White space around a value is a shell's or a file's, and an empty value is none. */
function textsOf(env: Environment): Record<string, unknown> {
  const entries = Object.keys(SCHEMAS).map((name) => [name, trimmed(env[name])] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null && value !== ""));
}

function trimmed(value: unknown): unknown {
  return typeof value === "string" ? value.trim() : value;
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
