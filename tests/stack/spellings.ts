/** Ways to spell a request's target, its Host and its token: most of them wrong, some of them the same to a router. */
import * as fc from "fast-check";
import type { Field } from "../conformance/http1.ts";
import { publicToken } from "../unit/properties/through_proxy.ts";
import { ROUTE_FILES } from "./route_files.ts";

/** The secret key that the stack knows. */
export const SECRET_KEY = "tr_prod_0123456789abcdef";

const PREFIXES = [
  "/x/..",
  "/x/%2e%2e",
  "/x/.%2E",
  "/.",
  "/%2e",
  "/",
  "/\\",
  "//evil.test",
  "http://evil.test",
  "http://127.0.0.1:9",
  "/;",
  "*",
  "\\",
];
const SUFFIXES = [
  "/",
  "//",
  "/.",
  "/..",
  "/x/..",
  "/%2e",
  "#x",
  "#/in/append",
  "?x=1",
  "?index",
  ".json",
  ".data",
  "%00",
  "%20",
  "%0a",
  ";a=b",
  "%3b",
  "/%2e%2e",
  "\\",
  "?_method=PUT",
  "?_routes=routes/api.v1.sessions",
  "\u0000",
  "/x",
  "/append",
  "/close",
];
const SLASHES = [
  "\\",
  "//",
  "/./",
  "/%2e/",
  "/x/../",
  "/x/%2e%2e/",
  "/x\\..\\",
  "%2f",
  "%2F",
  "%5c",
  "/;a=b/",
  ";a=b/",
  "/%20/",
  "%252f",
  "/\t",
];
const NOISE = [
  "%",
  "%zz",
  "%c0%af",
  "%ef%bc%8f",
  "%e2%84%aa",
  "%c5%bf",
  "%00",
  "\u00a0",
  "\u017f",
  " ",
  "\t",
  ";",
  "%25",
  "%u0061",
  "+",
];

/** Route files that others are nested in, and that are worth reaching. */
const NESTING = [
  "api.v1.sessions",
  "realtime.v1.sessions.$session.$io",
  "realtime.v1.sessions.$session.channels.$name.$io",
];

const WAYS = ["case", "case", "encode", "encode", "twice", "slash", "noise", "prefix", "suffix", "route"] as const;

/** One change to a target. `at` says where; it wraps around. */
type Edit = readonly [way: typeof WAYS[number], at: number, what: number];

const edit: fc.Arbitrary<Edit> = fc.tuple(fc.constantFrom(...WAYS), fc.nat(500), fc.nat(500));
/** Mostly one: what two of them do together is rarely more than what each does. */
const edits = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Edit[]>([]) },
  { weight: 3, arbitrary: edit.map((one) => [one]) },
  fc.array(edit, { minLength: 2, maxLength: 3 }),
);

function spell(target: string, [way, at, what]: Edit): string {
  const pick = (list: readonly string[]): string => list[what % list.length]!;
  const i = at % target.length;
  const put = (text: string, taken = 1): string => target.slice(0, i) + text + target.slice(i + taken);
  const hex = target.charCodeAt(i).toString(16).padStart(2, "0");
  switch (way) {
    case "case":
      return put(
        what % 2 === 0 ? target[i]!.toUpperCase() : target.slice(i).toUpperCase(),
        what % 2 === 0 ? 1 : target.length,
      );
    case "encode":
      return put(`%${what % 2 === 0 ? hex : hex.toUpperCase()}`);
    case "twice":
      return put(`%25${hex}`);
    case "noise":
      return put(pick(NOISE), what % 3 === 0 ? 1 : 0);
    case "slash": {
      const slashes = [...target.matchAll(/\//g)].map(({ index }) => index);
      const slash = slashes[at % slashes.length] ?? 0;
      return target.slice(0, slash) + pick(SLASHES) + target.slice(slash + 1);
    }
    case "prefix":
      return pick(PREFIXES) + target;
    case "suffix":
      return target + pick(SUFFIXES);
    case "route":
      return `${target}${at % 4 === 0 ? "/x/close" : ""}?${["_data", "%5fdata", "_%64ata"][at % 3]}=routes/${
        pick(what % 2 === 0 ? NESTING : ROUTE_FILES)
      }`;
  }
}

/** A target in plain spelling, or one that was changed at up to three places. */
export function targets(plain: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(plain, edits).map(([target, changes]) => changes.reduce(spell, target));
}

const HOSTS = [
  "a/realtime/v1/sessions/chat-1/in/append?",
  "a/api/v1/sessions?",
  "a/realtime/v1/sessions/chat-1",
  "evil.test:80",
  "user@evil.test",
  "a\\api",
  "a?",
  "a#",
  "[::1]:80",
  "",
  "a b",
  "127.0.0.1:99999",
  "%61",
  "a,b",
];

/** Host and what else names a host or a path besides the target. Mostly nothing. */
export const hostFields: fc.Arbitrary<Field[]> = fc.oneof(
  { weight: 9, arbitrary: fc.constant<Field[]>([]) },
  fc.constantFrom(...HOSTS).map((host): Field[] => [["Host", host]]),
  fc.constantFrom(...HOSTS).map((host): Field[] => [["Host", "proxy.test"], ["Host", host]]),
  fc.tuple(
    fc.constantFrom(
      "X-Forwarded-Host",
      "X-Original-URL",
      "X-Rewrite-URL",
      "X-HTTP-Method-Override",
      "Forwarded",
      "X-Forwarded-Prefix",
    ),
    fc.constantFrom(...HOSTS, "/api/v1/sessions", "PUT"),
  ).map(([name, value]): Field[] => [[name, value]]),
);

const SESSION_TOKEN = publicToken("read:sessions:chat-1", "write:sessions:chat-1");
const SERVERS: readonly string[] = [SECRET_KEY, `Bearer ${SECRET_KEY}`];
const PUBLIC = [
  `Bearer ${SESSION_TOKEN}`,
  SESSION_TOKEN,
  `bearer ${SESSION_TOKEN}`,
  `Bearer  ${SESSION_TOKEN}`,
  `Bearer ${SECRET_KEY}, Bearer ${SESSION_TOKEN}`,
  `Bearer ${SESSION_TOKEN}, ${SECRET_KEY}`,
  `Bearer ${SECRET_KEY}.x.y`,
  `Bearer tr_prod_`,
  `Basic ${SECRET_KEY}`,
  `Bearer "${SECRET_KEY}"`,
  "Bearer",
  "",
];

/** Authorization: a public token, none, something garbled; or a server's. */
export const authorizations: fc.Arbitrary<Field[]> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Field[]>([["Authorization", PUBLIC[0]!]]) },
  { weight: 2, arbitrary: fc.constantFrom(...SERVERS).map((value): Field[] => [["Authorization", value]]) },
  fc.constantFrom(...PUBLIC).map((value): Field[] => [["Authorization", value]]),
  fc.tuple(fc.constantFrom(...PUBLIC), fc.constantFrom(...SERVERS)).map((
    [one, other],
  ): Field[] => [["Authorization", one], ["authorization", other]]),
  fc.constant<Field[]>([]),
);

/** What says how the body is to be taken. None of it changes what the upstream reads. */
export const bodyFields: fc.Arbitrary<Field[]> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Field[]>([["Content-Type", "application/json"]]) },
  fc.constantFrom<Field[]>(
    [],
    [["Content-Type", "text/plain"]],
    [["Content-Type", "application/x-ndjson"]],
    [["Content-Type", "application/json; charset=utf-16"]],
    [["Content-Encoding", "gzip"]],
    [["Content-Encoding", "identity"]],
    [["Content-Encoding", ""]],
    [["Expect", "100-continue"]],
    [["X-Part-Id", "part-1"]],
    [["X-Part-Id", ""]],
    [["Connection", "content-length, authorization"]],
    [["Cookie", "a=b"]],
  ),
);
