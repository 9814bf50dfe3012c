/**
 * How the upstream and its readers would take what arrived: a second, independent reading of
 * Trigger.dev's routes and bodies, against which every recorded request is held.
 *
 * Routes as Remix matches them on Express: the URL parsed, slashes at the end ignored, each segment
 * decoded once (none at all where one cannot be), letter case ignored. Bodies as `Request.text()`
 * and `JSON.parse` read them, strings in strings included, since some readers parse twice.
 */
import { isDeepStrictEqual } from "node:util";
import { type Node, parseTree } from "jsonc-parser";
import { NAMESPACE, STEER } from "../runtime/signals.ts";
import { valueOf, valuesOf } from "./http1.ts";
import type { Recorded } from "./recorder.ts";

/** What the upstream would take a request for, as far as it matters here. */
export type Taken = "create" | "append" | "credentials" | "snapshot" | "end-and-continue" | "other";

/** The path that one of the proxies under test has before its upstream's own. */
export const UPSTREAM_PREFIX = "/up";

const ROUTES: readonly [method: string, pattern: RegExp, taken: Taken][] = [
  ["POST", /^\/api\/v1\/sessions$/i, "create"],
  ["POST", /^\/realtime\/v1\/sessions\/[^/]+\/in\/append$/i, "append"],
  ["PUT", /^\/realtime\/v1\/sessions\/[^/]+\/(in|out)$/i, "credentials"],
  ["PUT", /^\/realtime\/v1\/sessions\/[^/]+\/channels\/[^/]+\/(in|out)$/i, "credentials"],
  ["PUT", /^\/api\/v1\/sessions\/[^/]+\/snapshot-url$/i, "snapshot"],
  ["POST", /^\/api\/v1\/sessions\/[^/]+\/end-and-continue$/i, "end-and-continue"],
];

/** What the upstream would take a request for. */
export function takenFor(method: string, target: string): Taken {
  const base = "http://upstream.invalid";
  if (!URL.canParse(target, base)) return "other";
  let path = new URL(target, base).pathname;
  if (path.startsWith(`${UPSTREAM_PREFIX}/`)) path = path.slice(UPSTREAM_PREFIX.length);
  path = decodeOnce(path).replace(/\/+$/, "");
  return ROUTES.find(([verb, pattern]) => verb === method.toUpperCase() && pattern.test(path))?.[2] ?? "other";
}

function decodeOnce(path: string): string {
  try {
    return path.split("/").map((segment) => decodeURIComponent(segment).replaceAll("/", "%2F")).join("/");
  } catch {
    return path;
  }
}

// Nothing of these is any upstream's business, whatever the request.
const NEVER = [
  "cookie",
  "forwarded",
  "expect",
  "te",
  "trailer",
  "upgrade",
  "proxy-authorization",
  "proxy-connection",
  "http2-settings",
  "x-edge-pass",
  STEER,
];

/** A header that rows try to smuggle into the request that goes upstream. */
export const INJECTED = "x-injected";

const PLAIN = /^(?:\/up)?\/(?:api|realtime)\/v1\/sessions(?:\/[^/?]+(?:\/channels\/[^/?]+)?\/[a-z/-]+)?(?:\?|$)/;

/** What is wrong with a request that reached the upstream: nothing, or the reasons. */
export function faultsOf(request: Recorded, authority: string, stamps: readonly unknown[]): string[] {
  const { method, target, fields, body, framing, whole } = request;
  const faults: string[] = [];
  if (!target.startsWith("/") || target.startsWith("//")) faults.push(`the target is ${target}`);
  if (valuesOf(fields, "host").join() !== authority) faults.push(`Host is ${valuesOf(fields, "host").join()}`);
  for (const [name] of fields) {
    const key = name.toLowerCase();
    if (NEVER.includes(key) || key.startsWith("x-forwarded-")) faults.push(`${name} was forwarded`);
  }
  if (fields.some(([name]) => name.toLowerCase() === INJECTED)) faults.push("a header was injected");
  const taken = takenFor(method, target);
  if (taken === "other") return faults;
  // In a plain spelling only, or the upstream's rate limiter would not count it.
  if (!PLAIN.test(target)) faults.push(`the target is spelled ${target}`);
  if (taken !== "create" && taken !== "append") return faults;
  if (!whole) return faults;
  if (framing === "chunked") faults.push("the stamped body is chunked, which the upstream refuses");
  if ((valueOf(fields, "content-encoding") ?? "identity") !== "identity") faults.push("the stamped body is encoded");
  return [...faults, ...stampFaults(taken, body, stamps)];
}

/** What is wrong with a body that the upstream would store as a create or an append. */
export function stampFaults(taken: "create" | "append", body: Uint8Array, stamps: readonly unknown[]): string[] {
  const text = new TextDecoder().decode(body);
  const faults: string[] = [];
  let value: unknown = text;
  for (let depth = 0; typeof value === "string" && depth < 6; depth++) {
    const inner = value;
    try {
      value = JSON.parse(inner);
    } catch {
      break;
    }
    faults.push(...valueFaults(taken, value, stamps), ...repeatFaults(taken, inner, value));
    // A create is read once; only records are taken from a store and parsed by readers who may do it again.
    if (taken === "create") break;
  }
  return faults;
}

const PLACES = { create: ["triggerConfig", "basePayload", "metadata"], append: ["payload", "metadata"] } as const;

function valueFaults(taken: "create" | "append", value: unknown, stamps: readonly unknown[]): string[] {
  if (!isObject(value) || (taken === "append" && value["kind"] !== "message")) return [];
  let holder: unknown = value;
  for (const key of PLACES[taken]) holder = isObject(holder) ? holder[key] : undefined;
  if (!isObject(holder) || !Object.hasOwn(holder, NAMESPACE)) return ["there is no stamp"];
  // Copied as agents copy: a prototype that came along would show.
  const copied = Object.assign({}, holder)[NAMESPACE];
  const ours = stamps.some((stamp) => isDeepStrictEqual(copied, stamp) && isDeepStrictEqual(holder[NAMESPACE], stamp));
  return ours ? [] : [`the stamp is ${JSON.stringify(holder[NAMESPACE])}`];
}

/** A reader who takes the first of two keys must find no other stamp than one who takes the last. */
function repeatFaults(taken: "create" | "append", text: string, value: unknown): string[] {
  if (!isObject(value) || (taken === "append" && value["kind"] !== "message")) return [];
  let node: Node | undefined = parseTree(text);
  for (const key of [...PLACES[taken], NAMESPACE]) {
    const members: Node[] = (node?.children ?? []).filter((member) => member.children?.[0]?.value === key);
    if (members.length > 1) return [`${key} is there ${members.length} times`];
    node = members[0]?.children?.[1];
  }
  return [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
