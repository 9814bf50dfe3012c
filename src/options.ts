/**
 * The options of a proxy, and what is made of them once.
 *
 * @module
 */
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
export interface Config extends Pick<Options, "seal" | "pass" | "admit" | "ready" | "onEvent" | "watch"> {
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
}

/** Fills in the defaults of options that were checked before: by `compile.ts`, or where they were read. */
export function configure(options: Options): Config {
  const {
    upstream = "https://api.trigger.dev",
    namespace = "__edge",
    basePath = "",
    onTrustError = "refuse",
    trustTimeoutMs = DEFAULT_TRUST_TIMEOUT_MS,
    guard = "standard",
    allowSystemMessages = false,
    cors,
    limits,
    ...plugged
  } = options;
  const { origin, pathname } = new URL(upstream);
  return {
    ...plugged,
    origin,
    prefix: pathname.replace(/\/+$/, ""),
    namespace,
    shapes: compileShapes(namespace),
    basePath: basePath.replace(/\/$/, ""),
    onTrustError,
    trustTimeoutMs,
    guard,
    allowSystemMessages,
    cors: cors && compileCors(cors),
    limits: { ...DEFAULT_LIMITS, ...limits },
  };
}

/** Whether something can be the upstream. */
export function isUpstream(value: unknown): boolean {
  if (!(typeof value === "string" || value instanceof URL) || !URL.canParse(value)) return false;
  const { protocol, username, password, search, hash, href } = new URL(value);
  return /^https?:$/.test(protocol) && username + password + search + hash === "" && !/[?#]$/.test(href);
}

/** Whether a text can be the namespace. */
export function isNamespace(key: string): boolean {
  return /^[A-Za-z_$][\w$-]{0,63}$/.test(key) && key !== "__proto__";
}

/** Whether a text is an origin that pages may be allowed by. */
export function isOrigin(value: string): boolean {
  const concrete = value.replace(/^(https?:\/\/)\*\./, "$1any.");
  return /^https?:[^*]*$/.test(concrete) && URL.canParse(concrete) && new URL(concrete).origin === concrete;
}
