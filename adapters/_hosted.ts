/**
 * Header-reading providers of hosts that set their headers on each request: believed where the
 * environment says that the code runs there, for elsewhere anybody can send them.
 *
 * @module
 */
import { headers, type HeadersProvider, type Source } from "./headers.ts";
import type { Environment } from "./_types.ts";

/** What a provider of a host can be told. */
export interface HostedOptions<F extends string> {
  /** The signals to read. Default: all. */
  readonly fields?: readonly F[];
  /** Says that the code runs there and cannot be reached but through the host, where the environment does not say so. */
  readonly assumeTopology?: boolean;
  /** Default: the process's environment, where there is one. */
  readonly env?: Environment;
}

/** What differs between the hosts. */
export interface Host<F extends string> {
  readonly name: string;
  /** Whether an environment is the host's own. */
  readonly isHere: (env: Environment) => boolean;
  /** What the host sets in it, for the error's sentence. */
  readonly sets: string;
  readonly map: Readonly<Record<F, Source>>;
  /** Headers of the host that are nobody's business upstream, beside those that are read. */
  readonly consumes: readonly string[];
}

/** Makes the provider. Throws a `TypeError` elsewhere, and for a field that there is not. */
export function hosted<F extends string>(host: Host<F>, options: HostedOptions<F>): HeadersProvider<F> {
  const { fields = Object.keys(host.map) as F[], assumeTopology = false, env = processEnvironment() } = options;
  if (assumeTopology !== true && !host.isHere(env)) {
    throw new TypeError(
      `Cannot believe ${host.name}'s headers here: ${host.sets} is not set, so anybody can send them; use another provider, or say \`assumeTopology: true\``,
    );
  }
  const provider = headers({ map: selected(host.map, fields), assumeTopology: true, name: host.name });
  const consumes = [...provider.consumes, ...Object.values<Source>(host.map).map(headerOf), ...host.consumes];
  return { ...provider, consumes: [...new Set(consumes)] } as unknown as HeadersProvider<F>;
}

/** The part of a map that is asked for. Throws a `TypeError` for a field that it does not have. */
function selected<F extends string>(map: Readonly<Record<F, Source>>, fields: readonly F[]): Record<F, Source> {
  const unknown = fields.find((field) => !Object.hasOwn(map, field));
  if (unknown !== undefined) {
    throw new TypeError(`Cannot read the field "${unknown}": choose from ${Object.keys(map).join(", ")}`);
  }
  return Object.fromEntries(fields.map((field) => [field, map[field]])) as Record<F, Source>;
}

/** The header that a source names, in lower case. */
function headerOf(source: Source): string {
  return (typeof source === "string" ? source : source.header).toLowerCase();
}

/** The variables of the process: Node, Bun and Vercel's Edge runtime have them under this name. */
export function processEnvironment(): Environment {
  return (globalThis as { process?: { env?: Environment } }).process?.env ?? {};
}
