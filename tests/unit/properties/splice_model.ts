/**
 * What the splice must do, said another way: with a parser's tree of the whole body, and with no thought of speed.
 */
import { type Node, parseTree } from "jsonc-parser";
import { NAMESPACE } from "./through_proxy.ts";

/** A kind of stamped body, and the keys on the way to the object that holds the stamp. */
export const WAYS = { create: ["triggerConfig", "basePayload", "metadata"], append: ["payload", "metadata"] } as const;

/** What must become of a body that is JSON. */
export interface Expected {
  /** The codes that its refusal may have; none where it must pass. */
  readonly refusals: readonly string[];
  /** Whether it is stamped, where it passes. What is not stamped is forwarded as it came. */
  readonly stamped: boolean;
  /** Which part of the text may be different: the namespace's own member, or a null on the way to it. */
  readonly changed: { readonly start: number; readonly end: number } | undefined;
}

const DEPTH = 256;
const PASSES: Expected = { refusals: [], stamped: false, changed: undefined };

/** Judges a body (without a byte order mark) that `JSON.parse` takes. */
export function expect(text: string, use: keyof typeof WAYS): Expected {
  const root = parseTree(text, [], { disallowComments: true })!;
  if (root.type !== "object") {
    if (use === "create") return { ...PASSES, refusals: ["edge_body_not_json"] };
    return root.type === "string" ? expectNested(root.value as string, 3) : PASSES;
  }
  const refusals: string[] = [];
  if (depthOf(root) > DEPTH) refusals.push("edge_body_too_deep");
  if (use === "append") {
    const kinds = membersOf(root, "kind");
    // Two kinds or payloads are two records to two readers, whatever the last kind is.
    if (kinds.length > 1 || membersOf(root, "payload").length > 1) refusals.push("edge_key_repeated");
    if (refusals.length > 0 || kinds[0]?.value.value !== "message") return { ...PASSES, refusals };
  }
  const { changed, ...way } = follow(root, WAYS[use]);
  refusals.push(...way.refusals);
  return { refusals, stamped: true, changed };
}

/** A string that a reader who parses again finds a message in. */
function expectNested(text: string, parses: number): Expected {
  const root = parses === 0 || !isJson(text) ? undefined : parseTree(text, [], { disallowComments: true });
  if (root?.type === "string") return expectNested(root.value as string, parses - 1);
  if (root?.type !== "object") return PASSES;
  const refusals = depthOf(root) > DEPTH ? ["edge_body_too_deep"] : [];
  const kinds = membersOf(root, "kind");
  if (kinds.length > 1 || kinds[0]?.value.value === "message") refusals.push("edge_body_nested_json");
  return { ...PASSES, refusals };
}

interface Member {
  readonly node: Node;
  readonly value: Node;
}

function membersOf(object: Node, key: string): Member[] {
  return object.children!
    .map((node) => ({ node, name: node.children![0]!.value as string, value: node.children![1]! }))
    .filter(({ name }) => name === key);
}

/** Walks from the root to the namespace's member, and notes what could be read in two ways. */
function follow(root: Node, way: readonly string[]): Pick<Expected, "refusals" | "changed"> {
  const refusals: string[] = [];
  let holder = root;
  for (const [i, key] of [...way, NAMESPACE].entries()) {
    if (membersOf(holder, "__proto__").length > 0) refusals.push("edge_key_proto");
    const [found, second] = membersOf(holder, key);
    if (second !== undefined) refusals.push("edge_key_repeated");
    if (found === undefined) return { refusals, changed: undefined };
    // V8 may read a key with escapes as another one (nodejs/node#63785), and all that is under it would be lost.
    if (i < way.length && found.node.children![0]!.length !== key.length + 2) refusals.push("edge_key_escaped");
    const { offset, length } = i === way.length ? found.node : found.value;
    if (i === way.length || found.value.type === "null") {
      return { refusals, changed: { start: offset, end: offset + length } };
    }
    if (found.value.type !== "object") return { refusals: [...refusals, "edge_container_type"], changed: undefined };
    holder = found.value;
  }
  return { refusals, changed: undefined };
}

function depthOf(node: Node): number {
  const inner = (node.children ?? []).map((child) =>
    child.type === "property" ? depthOf(child.children![1]!) : depthOf(child)
  );
  const own = node.type === "object" || node.type === "array" ? 1 : 0;
  return own + Math.max(0, ...inner);
}

/** What a reader sees after the edit: the body's own value, with the stamp set. */
export function edit(value: unknown, way: readonly string[], stamp: unknown): unknown {
  const [key, ...rest] = way;
  if (key === undefined) return setOwn(value, NAMESPACE, stamp);
  return setOwn(value, key, edit((value as Record<string, unknown> | null)?.[key] ?? {}, rest, stamp));
}

function setOwn(value: unknown, key: string, inner: unknown): object {
  return Object.fromEntries([...Object.entries(value as object).filter(([name]) => name !== key), [key, inner]]);
}

/**
 * What a document says, by the tree: with the last of two equal keys, as `JSON.parse` has it, or with the first.
 * `JSON.parse` itself cannot be asked: V8 up to 15.0 at least reads an escaped key as another one where an earlier
 * document had that other key in the same place (nodejs/node#63785), and these documents have such keys.
 */
export function read(text: string, wins: "first" | "last" = "last"): unknown {
  return valueOf(parseTree(text, [], { disallowComments: true })!, wins);
}

function valueOf(node: Node, wins: "first" | "last"): unknown {
  const children = node.children ?? [];
  if (node.type === "array") return children.map((child) => valueOf(child, wins));
  if (node.type !== "object") return node.value;
  const members = children.map(({ children: member }) =>
    [String(member![0]!.value), valueOf(member![1]!, wins)] as const
  );
  return Object.fromEntries(wins === "last" ? members : members.reverse());
}

/** Whether `JSON.parse` takes a text. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
