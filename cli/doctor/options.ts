/**
 * What `edgestamp doctor` is told: arguments, and the environment where they are silent.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Unusable } from "../terminal.ts";

export interface DoctorOptions {
  /** The proxy, with the path that it is mounted below. */
  readonly url: URL;
  readonly upstream: URL;
  /** Never printed. */
  readonly secretKey: string | undefined;
  /** The task of the doctor's sessions. */
  readonly task: string;
  readonly namespace: string | undefined;
  /** The page whose calls are to be allowed. */
  readonly origin: string | undefined;
  /** The keys of the agent's side, as JSON. */
  readonly keys: string | undefined;
  readonly issuer: string;
  readonly audience: string;
  readonly skip: readonly string[];
  /** For everything together. */
  readonly timeoutMs: number;
  readonly json: boolean;
  /** Whether what could not be told counts as what does not hold. */
  readonly strict: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const OPTIONS = {
  upstream: { type: "string" },
  "secret-key": { type: "string" },
  outside: { type: "boolean", default: false },
  task: { type: "string", default: "edgestamp-doctor" },
  namespace: { type: "string" },
  origin: { type: "string" },
  keys: { type: "string" },
  issuer: { type: "string", default: "edgestamp" },
  audience: { type: "string", default: "trigger.dev" },
  skip: { type: "string", multiple: true },
  timeout: { type: "string", default: "60" },
  json: { type: "boolean", default: false },
  strict: { type: "boolean", default: false },
} as const;

/** Reads them. Throws `TypeError` or `Unusable`, of one line, for what cannot be used; `names` are those of the checks. */
export function readOptions(args: string[], env: Environment, names: readonly string[]): DoctorOptions {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  const [url, ...more] = positionals;
  if (url === undefined || more.length > 0) {
    throw new Unusable("Cannot tell which proxy: give one URL, such as `edgestamp doctor https://edge.example.com`");
  }
  const skip = (values.skip ?? []).flatMap((one) => one.split(",")).map((one) => one.trim()).filter((one) =>
    one !== ""
  );
  const odd = skip.find((name) => !names.includes(name));
  if (odd !== undefined) throw new Unusable(`Cannot skip ${JSON.stringify(odd)}: there are ${names.join(", ")}`);
  const { keys, namespace, task, issuer, audience, json, strict } = values;
  const proxy = readUrl(url, "the proxy's URL");
  const upstream = readUrl(values.upstream ?? (env["TRIGGER_API_URL"] || "https://api.trigger.dev"), "--upstream");
  const secretKey = values.outside ? undefined : values["secret-key"] ?? (env["TRIGGER_SECRET_KEY"] || undefined);
  const heard = [proxy, upstream].find((one) => !isUnheard(one));
  if (secretKey !== undefined && heard !== undefined) {
    throw new Unusable(`Cannot send a secret key to ${heard.origin} in the clear: use https, or look from --outside`);
  }
  return {
    url: proxy,
    upstream,
    secretKey,
    task,
    namespace,
    origin: values.origin === undefined ? undefined : readOrigin(values.origin),
    keys: keys === undefined
      ? env["EDGE_SEAL_PUBLIC_KEYS"] || env["EDGE_SEAL_SECRET_KEYS"] || undefined
      : readKeys(keys),
    issuer,
    audience,
    skip,
    timeoutMs: readSeconds(values.timeout) * 1000,
    json,
    strict,
  };
}

/** Whether nobody on the way hears what is sent there: over TLS, or on this machine. */
export function isUnheard({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

function readUrl(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.username !== "") {
    throw new Unusable(`Cannot use ${what}: give http:// or https://, a host, and nothing after the path`);
  }
  return url;
}

function readOrigin(text: string): string {
  if (!URL.canParse(text) || new URL(text).origin !== text) {
    throw new Unusable("Cannot use --origin: give it as browsers send it, such as https://app.example.com");
  }
  return text;
}

function readSeconds(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1) {
    throw new Unusable("Cannot use --timeout: give whole seconds, from 1 to 9999");
  }
  return Number(text);
}

function readKeys(text: string): string {
  if (/^\s*[[{]/.test(text)) return text;
  try {
    return readFileSync(text, "utf8");
  } catch {
    throw new Unusable(
      "Cannot use --keys: give the JSON that `edgestamp keygen` prints for the agent, or a file with it",
    );
  }
}
