/**
 * The ways to spell a path. Each takes a route's plain path and gives a request target in bytes
 * (Latin-1): what some servers take for the route, and what they do not.
 */
import { CHAT } from "../requests.ts";

/** A spelling: its name, and what it makes of a plain path. */
export type Spelling = readonly [name: string, spell: (path: string) => string];

const utf8 = (text: string): string => Buffer.from(text).toString("latin1");
const hex = (char: string): string => `%${char.charCodeAt(0).toString(16)}`;

/** Applies `change` to the n-th segment, from the end where it is negative. */
function segment(n: number, change: (segment: string) => string): (path: string) => string {
  return (path) => {
    const segments = path.split("/");
    const at = n < 0 ? segments.length + n : n;
    segments[at] = change(segments[at]!);
    return segments.join("/");
  };
}

/** Applies `change` to everything but the chat's id. */
function fixed(change: (text: string) => string): (path: string) => string {
  return (path) => path.split("/").map((part) => part === CHAT ? part : change(part)).join("/");
}

/** Puts `between` in the place of the n-th slash, from the end where it is negative. */
function slash(n: number, between: string): (path: string) => string {
  return (path) => {
    const segments = path.split("/");
    const at = n < 0 ? segments.length + n : n;
    return `${segments.slice(0, at).join("/")}${between}${segments.slice(at).join("/")}`;
  };
}

const CASES: readonly Spelling[] = [
  ["plain", (path) => path],
  ["capitals", fixed((text) => text.toUpperCase())],
  ["a capital first", fixed((text) => text.charAt(0).toUpperCase() + text.slice(1))],
  ["a capital at the end", segment(-1, (text) => text.toUpperCase())],
  ["a capital at the beginning", segment(1, (text) => text.toUpperCase())],
  ["a capital version", segment(2, (text) => text.toUpperCase())],
  ["a long s", fixed((text) => text.replace("s", utf8("ſ")))],
  ["a long s, escaped", fixed((text) => text.replace("s", "%C5%BF"))],
  ["a dotless i, escaped", fixed((text) => text.replace("i", "%C4%B1"))],
  ["full width", segment(-1, (text) => text.replace(/[a-z]/, "%EF%BD%81"))],
];

const ESCAPES: readonly Spelling[] = [
  ["an escape at the end", segment(-1, (text) => text.slice(0, -1) + hex(text.at(-1)!))],
  ["an escape at the beginning", segment(1, (text) => hex(text.charAt(0)) + text.slice(1))],
  ["an escape in the version", segment(2, (text) => `${hex("v")}${text.slice(1)}`)],
  ["an escaped capital", segment(-1, (text) => hex(text.charAt(0).toUpperCase()) + text.slice(1))],
  ["escapes only", fixed((text) => [...text].map(hex).join(""))],
  ["escapes in capitals", fixed((text) => [...text].map(hex).join("").toUpperCase())],
  ["an escaped id", (path) => path.replace(CHAT, "chat%2d1")],
  ["an escape of an escape", segment(-1, (text) => text.slice(0, -1) + hex(text.at(-1)!).replace("%", "%25"))],
  [
    "an escape of an escape of an escape",
    segment(-1, (text) => text.slice(0, -1) + hex(text.at(-1)!).replace("%", "%2525")),
  ],
  [
    "an overlong escape",
    segment(-1, (text) => `%c1%${(text.charCodeAt(0) - 0x40 + 0x80).toString(16)}${text.slice(1)}`),
  ],
  ["a bare percent sign", (path) => `${path}%`],
  ["half an escape", (path) => `${path}%4`],
  ["a bad escape", (path) => `${path}/%zz/..`],
  ["a bad escape in the id", (path) => path.replace(CHAT, "%zz")],
  ["half a character in the id", (path) => path.replace(CHAT, "%ff")],
  [
    "an escape in the way of Microsoft",
    segment(-1, (text) => `%u00${text.charCodeAt(0).toString(16)}${text.slice(1)}`),
  ],
];

const DOTS: readonly Spelling[] = [
  ["a dot first", (path) => `/.${path}`],
  ["a way back first", (path) => `/x/..${path}`],
  ["an escaped way back first", (path) => `/x/%2e%2e${path}`],
  ["a half escaped way back first", (path) => `/x/.%2E${path}`],
  ["a way back too many", (path) => `/../..${path}`],
  ["a dot before the end", slash(-1, "/./")],
  ["a way back before the end", slash(-1, "/x/../")],
  ["an escaped dot before the end", slash(-1, "/%2e/")],
  ["a dot at the end", (path) => `${path}/.`],
  ["an escaped dot at the end", (path) => `${path}/%2e`],
  ["a way back at the end", (path) => `${path}/x/..`],
  ["an escaped way back at the end", (path) => `${path}/x/%2e%2E`],
  ["a way back over an escaped slash", (path) => `/a%2fb/..${path}`],
  ["a way back in an escape", slash(-1, "/x%2f../")],
  ["a way back by a backslash", slash(-1, "/x\\..\\")],
];

const SLASHES: readonly Spelling[] = [
  ["a slash at the end", (path) => `${path}/`],
  ["slashes at the end", (path) => `${path}//`],
  ["two slashes first", (path) => `/${path}`],
  ["three slashes first", (path) => `//${path}`],
  ["two slashes inside", slash(2, "//")],
  ["two slashes before the end", slash(-1, "//")],
  ["a backslash first", (path) => `\\${path.slice(1)}`],
  ["a slash and a backslash first", (path) => `/\\${path.slice(1)}`],
  ["a backslash inside", slash(2, "\\")],
  ["a backslash before the end", slash(-1, "\\")],
  ["backslashes only", (path) => path.replaceAll("/", "\\")],
  ["an escaped slash before the end", slash(-1, "%2f")],
  ["an escaped slash inside", slash(2, "%2F")],
  ["an escaped slash beside a slash", slash(-1, "/%2F")],
  ["an escaped backslash", slash(-1, "%5c")],
  ["an overlong slash", slash(-1, "%c0%af")],
  ["a full-width slash", slash(-1, "%EF%BC%8F")],
  ["an escape of an escaped slash", slash(-1, "%252f")],
];

const ENDS: readonly Spelling[] = [
  ["a parameter at the end", (path) => `${path};a=b`],
  ["a parameter inside", slash(-1, ";a=b/")],
  ["an escaped parameter", (path) => `${path}%3ba=b`],
  ["a space at the end", (path) => `${path}%20`],
  ["a space first", (path) => `/%20${path.slice(1)}`],
  ["a zero at the end", (path) => `${path}%00`],
  ["a zero inside", segment(-1, (text) => `${text.slice(0, 2)}%00${text.slice(2)}`)],
  ["a tab at the end", (path) => `${path}%09`],
  ["a line end at the end", (path) => `${path}%0a`],
  ["a bare tab inside", segment(-1, (text) => `${text.slice(0, 2)}\t${text.slice(2)}`)],
  ["a bare tab at the end", (path) => `${path}\t`],
  ["a bare vertical tab", (path) => `${path}\v`],
  ["a bare zero", (path) => `${path}\0`],
  ["a bare delete", (path) => `${path}\x7f`],
  ["a bare carriage return inside", segment(-1, (text) => `${text.slice(0, 2)}\r${text.slice(2)}`)],
  ["bare high bytes", (path) => `${path}\xff`],
  ["a file's ending", (path) => `${path}.json`],
  ["a loader's ending", (path) => `${path}.data`],
  ["a query", (path) => `${path}?a=1`],
  ["an empty query", (path) => `${path}?`],
  ["an index query", (path) => `${path}?index`],
  ["a route in the query", (path) => `${path}?_data=routes%2Fapi.v1.sessions`],
  ["a fragment", (path) => `${path}#x`],
  ["a fragment of another path", (path) => `/api/v1/x#${path}`],
  ["an escaped question mark", (path) => `${path}%3Fa=1`],
  ["an escaped hash", (path) => `${path}%23a`],
  ["a query first", (path) => `/?${path}`],
];

/** Every spelling. */
export const SPELLINGS: readonly Spelling[] = [...CASES, ...ESCAPES, ...DOTS, ...SLASHES, ...ENDS];
