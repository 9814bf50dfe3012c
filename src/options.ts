/**
 * The options of a proxy, checked and compiled once.
 *
 * @module
 */
import * as v from "valibot";
import { compileCors, type CorsOptions, type CorsPolicy } from "./cors.ts";
import type { ProxyEvent } from "./events.ts";
import type { GuardSetting } from "./guard.ts";
import { DEFAULT_LIMITS, DEFAULT_TRUST_TIMEOUT_MS, type Limits } from "./limits.ts";
import type { Admit, Passes, Readiness, Sealer, Watcher } from "./ports.ts";
import { compileShapes, type Shapes } from "./shapes.ts";

/** What a proxy can be told. Everything has a default. */
export interface Options {
  /** Where Trigger.dev's API is: an origin, optionally with a path prefix. Default `https://api.trigger.dev`. */
  upstream?: string | URL;
  /** The metadata key that the proxy alone writes. Default `__edge`. */
  namespace?: string;
  /** Where an embedding router mounts the proxy, such as `/api/trigger`. Default: the root. */
  basePath?: string;
  /** What happens where the signals cannot be read: answer 503 (the default), or stamp `null`. */
  onTrustError?: "refuse" | "null";
  /** How long a trust provider may take, in milliseconds. Default 2000. */
  trustTimeoutMs?: number;
  /** What public tokens may not do. Default `standard`. */
  guard?: GuardSetting;
  /** Let public tokens send messages with the role `system`. Default `false`. */
  allowSystemMessages?: boolean;
  /** Which pages may call from a browser. Without it no CORS headers are sent. */
  cors?: CorsOptions;
  /** Sizes, depth and times. */
  limits?: Partial<Limits>;
  /** Makes stamps prove themselves: from `edgestamp/seal`. */
  seal?: Sealer;
  /** Passes: from `edgestamp/pass`. */
  pass?: Passes;
  /** May refuse or challenge by signals before a run is paid for. */
  admit?: Admit;
  /** Answers `/.edgestamp/ready`: from `edgestamp/ready`. */
  ready?: Readiness;
  /** Told of every decision, for logs and metrics. */
  onEvent?: (event: ProxyEvent) => void;
  /** Notes each request as a whole, for its log line, and names it to its caller: from `edgestamp/watch`. */
  watch?: Watcher;
}

/** The options as the proxy uses them. */
export interface Config {
  readonly origin: string;
  /** The upstream's path prefix, without a slash at its end. */
  readonly prefix: string;
  readonly namespace: string;
  readonly shapes: Readonly<Record<"create" | "append", Shapes>>;
  readonly basePath: string;
  readonly onTrustError: "refuse" | "null";
  readonly trustTimeoutMs: number;
  readonly guard: GuardSetting;
  readonly allowSystemMessages: boolean;
  readonly cors: CorsPolicy | undefined;
  readonly limits: Readonly<Limits>;
  readonly seal: Sealer | undefined;
  readonly pass: Passes | undefined;
  readonly admit: Admit | undefined;
  readonly ready: Readiness | undefined;
  readonly onEvent: ((event: ProxyEvent) => void) | undefined;
  readonly watch: Watcher | undefined;
}

const upstream = v.pipe(
  v.union([v.string(), v.instance(URL)]),
  v.check(
    isUpstream,
    "give an absolute http or https URL without credentials, query or fragment, such as https://api.trigger.dev",
  ),
);

/** The namespace, also where it comes from the environment. */
export const namespaceSchema: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.check(
    (value) => /^[A-Za-z_$][\w$-]{0,63}$/.test(value) && value !== "__proto__",
    "give a key of 1 to 64 letters, digits, `_`, `$` or `-`, such as __edge",
  ),
);

/** One allowed origin, also where it comes from the environment. */
export const originSchema: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.check(isOrigin, "give origins as browsers send them, such as https://app.example.com or https://*.example.com"),
);

const positive = v.pipe(v.number(), v.integer("give a whole number"), v.minValue(1, "give a number above 0"));
const hook = v.custom<unknown>((value) => typeof value === "function", "give a function");
const port = v.custom<unknown>(
  (value) => typeof value === "object" && value !== null,
  "give what the subpath's function returns",
);

const schema = v.strictObject({
  upstream: v.optional(upstream),
  namespace: v.optional(namespaceSchema),
  basePath: v.optional(v.pipe(
    v.string(),
    v.regex(/^(?:\/[\w.~-]+)*\/?$/, "give a plain path such as /api/trigger"),
  )),
  onTrustError: v.optional(v.picklist(["refuse", "null"], 'give "refuse" or "null"')),
  trustTimeoutMs: v.optional(positive),
  guard: v.optional(v.picklist(["standard", "chat", "off"], 'give "standard", "chat" or "off"')),
  allowSystemMessages: v.optional(v.boolean("give true or false")),
  cors: v.optional(v.strictObject({
    origins: v.union([v.literal("*"), v.array(originSchema)], 'give "*" or a list of origins'),
    maxAgeSeconds: v.optional(v.pipe(v.number(), v.integer("give a whole number"), v.minValue(0, "give 0 or more"))),
  })),
  limits: v.optional(v.partial(v.strictObject(
    Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((name) => [name, positive])) as Record<
      keyof Limits,
      typeof positive
    >,
  ))),
  seal: v.optional(port),
  pass: v.optional(port),
  admit: v.optional(hook),
  ready: v.optional(port),
  onEvent: v.optional(hook),
  watch: v.optional(port),
});

/** Checks the options and fills in the defaults. Throws a `TypeError` of one line that names the option and the mend. */
export function compile(options: Options): Config {
  const checked = v.safeParse(schema, options);
  if (!checked.success) throw new TypeError(explain(checked.issues[0]));
  const url = new URL(options.upstream ?? "https://api.trigger.dev");
  const namespace = options.namespace ?? "__edge";
  return {
    origin: url.origin,
    prefix: url.pathname.replace(/\/+$/, ""),
    namespace,
    shapes: compileShapes(namespace),
    basePath: (options.basePath ?? "").replace(/\/$/, ""),
    onTrustError: options.onTrustError ?? "refuse",
    trustTimeoutMs: options.trustTimeoutMs ?? DEFAULT_TRUST_TIMEOUT_MS,
    guard: options.guard ?? "standard",
    allowSystemMessages: options.allowSystemMessages ?? false,
    cors: options.cors && compileCors(options.cors),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    seal: options.seal,
    pass: options.pass,
    admit: options.admit,
    ready: options.ready,
    onEvent: options.onEvent,
    watch: options.watch,
  };
}

function explain(issue: v.BaseIssue<unknown>): string {
  const name = v.getDotPath(issue) ?? "options";
  if (issue.type === "strict_object") return `Cannot use option \`${name}\`: there is no such option`;
  return `Cannot use option \`${name}\`: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`;
}

function isUpstream(value: string | URL): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash, href } = new URL(value);
  return /^https?:$/.test(protocol) && username + password + search + hash === "" && !/[?#]$/.test(href);
}

function isOrigin(value: string): boolean {
  const concrete = value.replace(/^(https?:\/\/)\*\./, "$1any.");
  return /^https?:[^*]*$/.test(concrete) && URL.canParse(concrete) && new URL(concrete).origin === concrete;
}
