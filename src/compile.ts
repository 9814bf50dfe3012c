/**
 * The options of a proxy, checked.
 *
 * @module
 */
import * as v from "valibot";
import { DEFAULT_LIMITS } from "./limits.ts";
import { type Config, configure, isNamespace, isOrigin, isUpstream, type Options } from "./options.ts";

// Custom checks throughout: each of valibot's own that is imported would be in every Worker's bundle.
const texts = (check: (text: string) => boolean, mend: string): v.GenericSchema<string> =>
  v.custom<string>((value) => typeof value === "string" && check(value), mend);
const oneOf = (...values: readonly unknown[]): v.GenericSchema<unknown> =>
  v.custom<unknown>(
    (value) => values.includes(value),
    `give ${values.map((value) => JSON.stringify(value)).join(", ").replace(/, (?=[^,]*$)/, " or ")}`,
  );
const wholeFrom = (least: number): v.GenericSchema<number> =>
  v.custom<number>((value) => Number.isInteger(value) && value as number >= least, `give a whole number from ${least}`);

const positive = v.optional(wholeFrom(1));
const hook = v.optional(v.custom<unknown>((value) => typeof value === "function", "give a function"));
const port = v.optional(v.custom<unknown>(
  (value) => typeof value === "object" && value !== null,
  "give what the subpath's function returns",
));

const schema = v.strictObject({
  upstream: v.optional(v.custom<unknown>(
    isUpstream,
    "give an absolute http or https URL without credentials, query or fragment, such as https://api.trigger.dev",
  )),
  namespace: v.optional(texts(
    isNamespace,
    "give a key of 1 to 64 letters, digits, `_`, `$` or `-`, such as __edge",
  )),
  basePath: v.optional(texts((path) => /^(?:\/[\w.~-]+)*\/?$/.test(path), "give a plain path such as /api/trigger")),
  onTrustError: v.optional(oneOf("refuse", "null")),
  trustTimeoutMs: positive,
  guard: v.optional(oneOf("standard", "chat", "off")),
  allowSystemMessages: v.optional(oneOf(true, false)),
  cors: v.optional(v.strictObject({
    origins: v.array(
      texts(isOrigin, "give origins as browsers send them, such as https://app.example.com or https://*.example.com"),
      'give "*" or a list of origins',
    ),
    maxAgeSeconds: v.optional(wholeFrom(0)),
  })),
  limits: v.optional(v.strictObject(Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((name) => [name, positive])))),
  seal: port,
  pass: port,
  admit: hook,
  ready: port,
  onEvent: hook,
  watch: port,
});

/** Checks the options and fills in the defaults. Throws a `TypeError` of one line that names the option and the mend. */
export function compile(options: Options): Config {
  const { cors } = options;
  const checked = v.safeParse(schema, cors?.origins === "*" ? { ...options, cors: { ...cors, origins: [] } } : options);
  if (!checked.success) throw new TypeError(explain(checked.issues[0]));
  return configure(options);
}

function explain(issue: v.BaseIssue<unknown>): string {
  const name = v.getDotPath(issue) ?? "options";
  return `Cannot use option \`${name}\`: ${issue.expected === "never" ? "there is no such option" : issue.message}`;
}
