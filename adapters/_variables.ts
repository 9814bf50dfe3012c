/**
 * Environment variables: how each is read, and the mend where it cannot be.
 *
 * @module
 */
import type { GuardSetting } from "../src/guard.ts";
import { isNamespace, isOrigin, isUpstream } from "../src/options.ts";
import type { Environment } from "./_types.ts";

/** An environment that cannot be used. The message is one line: the variable, what is wrong, the mend. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/** How one variable is read. */
export interface Variable<T> {
  /** What a text means; `undefined` where it means nothing. */
  read(text: string): T | undefined;
  /** What is wrong with such a text, and the mend. */
  readonly why: string | ((text: string) => string);
  /** Whether what is no text is read as one, such as a binding that is a number. */
  readonly loose?: boolean;
}

/** What variables mean, where they are set. */
export type Values<V> = { readonly [name in keyof V]?: V[name] extends Variable<infer T> ? T : never };

/** Reads variables. Throws {@link EnvironmentError}; values are never in its message. */
export function parseVariables<V extends object>(env: Environment, variables: V): Values<V> {
  const found: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(variables) as [string, Variable<unknown>][]) {
    const value = valueOf(env, name);
    if (value === undefined) continue;
    const { why, loose } = variable;
    const isText = typeof value === "string" || loose === true;
    const meaning = isText ? variable.read(String(value)) : undefined;
    if (meaning === undefined) {
      throw new EnvironmentError(
        `${name}: ${!isText ? "is not text; set a string" : typeof why === "string" ? why : why(String(value))}`,
      );
    }
    found[name] = meaning;
  }
  return found as Values<V>;
}

/** A variable where it is set: white space around a value is a shell's or a file's, and an empty value is none. */
export function valueOf(env: Environment, name: string): unknown {
  const value = env[name];
  const trimmed = typeof value === "string" ? value.trim() : value;
  return trimmed === null || trimmed === "" ? undefined : trimmed;
}

/** A text that is used as it is. */
export function textVariable(check: (text: string) => boolean, why: Variable<string>["why"]): Variable<string> {
  return { read: (text) => check(text) ? text : undefined, why };
}

/** One of some names. */
export function choice<const T extends string>(what: string, names: readonly T[]): Variable<T> {
  return {
    read: (text) => names.find((name) => name === text),
    why: `${what}; set ${names.join(", ").replace(/, (?=[^,]*$)/, " or ")}`,
  };
}

/** The parts of a list, which commas separate. */
export function partsOf(list: string): string[] {
  return list.split(",").map((part) => part.trim());
}

/** What every ready-made server can be told. */
export const SHARED: {
  readonly TRIGGER_API_UPSTREAM: Variable<string>;
  readonly EDGE_NAMESPACE: Variable<string>;
  readonly EDGE_ALLOWED_ORIGINS: Variable<readonly string[] | "*">;
  readonly EDGE_GUARD: Variable<GuardSetting>;
} = {
  TRIGGER_API_UPSTREAM: textVariable(
    isUpstream,
    "is not an upstream; set an http or https URL without credentials, query or fragment, such as https://api.trigger.dev",
  ),
  EDGE_NAMESPACE: textVariable(
    isNamespace,
    "is not a namespace; set 1 to 64 letters, digits, _, $ or -, such as __edge",
  ),
  EDGE_ALLOWED_ORIGINS: {
    read(list: string): readonly string[] | "*" | undefined {
      if (list === "*") return list;
      const origins = partsOf(list).filter((origin) => origin !== "");
      return origins.length > 0 && origins.every(isOrigin) ? origins : undefined;
    },
    why: "is not a list of origins; set *, or such as https://app.example.com,https://*.example.com",
  },
  EDGE_GUARD: choice("is unknown", ["standard", "chat", "off"]),
};

/** The allowed origins alone, for the answer that says what else is wrong. `undefined` where they are wrong, too. */
export function parseOrigins(env: Environment): readonly string[] | "*" | undefined {
  const list = valueOf(env, "EDGE_ALLOWED_ORIGINS");
  return typeof list === "string" ? SHARED.EDGE_ALLOWED_ORIGINS.read(list) : undefined;
}
