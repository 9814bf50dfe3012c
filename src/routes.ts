/**
 * Trigger.dev's surface, as far as it matters here: canonical paths, names, and the places where a
 * stamp goes.
 *
 * A path is read twice. Once as the upstream's router (Remix on Express) reads it: segments split,
 * each decoded once, fixed ones compared in any letter case, slashes at the end ignored. That
 * reading decides, and its fixed segments are forwarded in their plain spelling. And once as loosely
 * as anything between might read it: decoded until nothing changes, slashes merged, parameters and
 * white space dropped. A path that only the loose reading takes for one of these routes is refused.
 *
 * @module
 */
import { Refusal } from "./errors.ts";

/** What a path is to the proxy. `other` is everything that the table does not name. */
export type RouteName =
  | "create"
  | "append"
  | "channel"
  | "records"
  | "snapshot"
  | "end-and-continue"
  | "pass"
  | "jwks"
  | "health"
  | "ready"
  | "other";

/** Where in a route's body the stamp goes: the objects on the way, the last of which holds the namespace. */
export type Place = readonly string[];

/** One route: its canonical path, with `:id` segments. */
export interface Route {
  readonly name: RouteName;
  readonly path: string;
}

/** A request's path after it was judged. */
export interface Match {
  readonly name: RouteName;
  /** What is forwarded: fixed segments in plain spelling, ids as they came. */
  readonly path: string;
  /** The session's id as the upstream's router gives it: decoded, and a `%2F` that is left then stands for a slash, too. */
  readonly session?: string;
}

/** The places of the two stamped routes. */
export const PLACES: Readonly<Record<"create" | "append", Place>> = {
  create: ["triggerConfig", "basePayload", "metadata"],
  append: ["payload", "metadata"],
};

const SESSION = "/realtime/v1/sessions/:session";
const CHANNELS = ["/in", "/out", "/channels/:channel/in", "/channels/:channel/out"];

/** The table of routes that are more than passed on. */
export const ROUTES: readonly Route[] = [
  { name: "create", path: "/api/v1/sessions" },
  { name: "append", path: `${SESSION}/in/append` },
  ...CHANNELS.map((channel): Route => ({ name: "channel", path: SESSION + channel })),
  ...CHANNELS.map((channel): Route => ({ name: "records", path: `${SESSION}${channel}/records` })),
  { name: "snapshot", path: "/api/v1/sessions/:session/snapshot-url" },
  { name: "end-and-continue", path: "/api/v1/sessions/:session/end-and-continue" },
  { name: "pass", path: "/.edgestamp/pass" },
  { name: "jwks", path: "/.well-known/edgestamp/jwks.json" },
  { name: "health", path: "/.edgestamp/health" },
  { name: "ready", path: "/.edgestamp/ready" },
];

interface Pattern {
  readonly name: RouteName;
  readonly fixed: readonly string[];
}

/** The routes by how many segments they have. */
const PATTERNS: readonly (readonly Pattern[] | undefined)[] = /* @__PURE__ */ bySegments();

function bySegments(): Pattern[][] {
  const patterns: Pattern[][] = [];
  for (const { name, path } of ROUTES) {
    const fixed = path.split("/");
    (patterns[fixed.length] ??= []).push({ name, fixed });
  }
  return patterns;
}

/**
 * Judges a pathname as `new URL()` gives it. Throws `edge_path_ambiguous` for one that has two
 * readings.
 */
export function match(pathname: string): Match {
  const segments = trimEnd(pathname).split("/");
  if (segments.indexOf("", 1) !== -1 && pathname !== "/") throw new Refusal("edge_path_ambiguous");
  const found = pathname.includes("%") ? matchDecoded(segments) : find(segments);
  if (ODD.test(pathname)) {
    const loose = find(loosen(pathname));
    if (loose !== undefined && loose.name !== found?.name) throw new Refusal("edge_path_ambiguous");
  }
  return found ?? { name: "other", path: pathname };
}

/**
 * Throws `edge_path_ambiguous` where a query names another route than the path: Remix's `_data` runs
 * the action of any route file that the path's own is nested in, such as a create's under
 * `/api/v1/sessions/{session}/close`.
 */
export function refuseNamedRoute(search: string): void {
  if (search.includes("_data") || search.includes("%")) {
    if (new URLSearchParams(search).has("_data")) throw new Refusal("edge_path_ambiguous");
  }
}

// What a plain path never has, and a loose reader might take away.
const ODD = /[^A-Za-z0-9/_.~-]/;

function matchDecoded(segments: readonly string[]): Match | undefined {
  const decoded = segments.map((segment) => decode(segment));
  // The upstream refuses a bad escape, or reads the whole path without decoding.
  if (decoded.includes(undefined)) throw new Refusal("edge_path_ambiguous");
  return find(decoded as string[], segments);
}

/** Compares fixed segments; ids may be anything. `raw` supplies the ids as they came. */
function find(segments: readonly string[], raw: readonly string[] = segments): Match | undefined {
  patterns: for (const { name, fixed } of PATTERNS[segments.length] ?? []) {
    for (let i = 0; i < fixed.length; i++) {
      if (fixed[i]![0] !== ":" && !sameLetters(segments[i]!, fixed[i]!)) continue patterns;
    }
    const path = fixed.map((part, i) => part[0] === ":" ? raw[i] : part).join("/");
    const session = segments[fixed.indexOf(":session")];
    return session === undefined ? { name, path } : { name, path, session: session.replaceAll("%2F", "/") };
  }
  return undefined;
}

function sameLetters(segment: string, part: string): boolean {
  // ASCII case only: a regular expression's `i` flag, which the upstream matches with, folds no further
  // without `u`, and toLowerCase would take the Kelvin sign for a k.
  return segment === part ||
    (segment.length === part.length && segment.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) === part);
}

function decode(segment: string): string | undefined {
  try {
    return segment.includes("%") ? decodeURIComponent(segment) : segment;
  } catch {
    return undefined;
  }
}

// More hops than these between the proxy and the upstream, each decoding once, are not known.
const DECODINGS = 8;

/**
 * The most lenient reading that something between the proxy and the upstream could make of a path. What begins a segment
 * is taken for an id, such as `#general`.
 */
function loosen(pathname: string): string[] {
  let path = pathname;
  for (let round = 0; round < DECODINGS && path.includes("%"); round++) {
    path = path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  }
  path = path.replaceAll("\\", "/").replace(/(?<=[^/]);[^/]*|[\s\0]+/g, "").replace(/(?<=[^/])[?#].*$/s, "");
  const plain = path.replace(/\/+/g, "/").replace(/[?#]/g, "-");
  const url = new URL(`http://proxy.invalid${plain}`);
  return trimEnd(url.pathname).toLowerCase().split("/");
}

function trimEnd(path: string): string {
  let end = path.length;
  while (end > 1 && path.charCodeAt(end - 1) === 47) end--;
  return end === path.length ? path : path.slice(0, end);
}
