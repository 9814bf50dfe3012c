/** Bodies whose keys and containers two readers could take differently, for both stamped routes. */
import { CHAT, FORGED_MEMBER as FORGED } from "../requests.ts";

/** One trick in both routes' bodies, and whether it is stamped or refused. */
export interface Built {
  readonly name: string;
  readonly create: string;
  readonly append: string;
  readonly stamped: boolean;
  readonly code?: string;
}

const create = (members: string): string => `{"externalId":"${CHAT}",${members}}`;
const append = (members: string): string => `{"kind":"message",${members}}`;
const base = (members: string): string => create(`"triggerConfig":{"basePayload":{${members}}}`);
const payload = (members: string): string => append(`"payload":{${members}}`);
const escape = (key: string): string => `\\u${key.charCodeAt(0).toString(16).padStart(4, "0")}${key.slice(1)}`;

/** `members` where the payload of both routes is. */
const inPayload = (name: string, members: string, stamped: boolean, code?: string): Built => ({
  name,
  create: base(members),
  append: payload(members),
  stamped,
  ...(code !== undefined && { code }),
});

const META = `"metadata":{${FORGED}}`;
const TWO = `"metadata":{"a":1},${META}`;

const ESCAPED = "edge_key_escaped";

/** Keys that come twice, plainly and in escapes, in both orders. */
export const REPEATS: readonly Built[] = [
  inPayload("metadata twice, the forged one last", TWO, false),
  inPayload("metadata twice, the forged one first", `${META},"metadata":{"a":1}`, false),
  inPayload("metadata twice, one escaped", `"metadata":{},"${escape("metadata")}":{${FORGED}}`, false),
  inPayload("metadata twice, one null", `"metadata":null,${META}`, false),
  inPayload("the namespace twice", `"metadata":{${FORGED},"__edge":{"botScore":1}}`, false),
  inPayload("the namespace twice, one escaped", `"metadata":{${FORGED},"${escape("__edge")}":{}}`, false),
  inPayload("another key twice", `"metadata":{"a":1,"a":2,${FORGED}},"b":1,"b":2`, true),
  inPayload("an escaped metadata", `"${escape("metadata")}":{${FORGED}}`, false, ESCAPED),
  inPayload("an escaped metadata that is null", `"${escape("metadata")}":null`, false, ESCAPED),
  inPayload("an escaped namespace", `"metadata":{"${escape("__edge")}":{"botScore":99}}`, true),
  inPayload("a namespace in surrogates", `"metadata":{"__edge\\ud800":1,${FORGED}}`, true),
  {
    name: "the payload twice",
    create: create(`"triggerConfig":{"basePayload":{},"basePayload":{${META}}}`),
    append: append(`"payload":{},"payload":{${META}}`),
    stamped: false,
  },
  {
    name: "the payload twice, one escaped",
    create: create(`"triggerConfig":{"${escape("basePayload")}":{${META}},"basePayload":{}}`),
    append: append(`"${escape("payload")}":{${META}},"payload":{}`),
    stamped: false,
  },
  {
    name: "the outermost key twice",
    create: create(`"triggerConfig":{"basePayload":{${META}}},"triggerConfig":{}`),
    append: `{"kind":"stop","kind":"message","payload":{${META}}}`,
    stamped: false,
  },
  {
    name: "the outermost key twice, the other way round",
    create: create(`"triggerConfig":{},"triggerConfig":{"basePayload":{${META}}}`),
    append: `{"kind":"message","payload":{${META}},"kind":"stop"}`,
    stamped: false,
  },
  {
    name: "the outermost key twice, one escaped",
    create: create(`"${escape("triggerConfig")}":{"basePayload":{${META}}},"triggerConfig":{}`),
    append: `{"${escape("kind")}":"message","payload":{${META}},"kind":"stop"}`,
    stamped: false,
  },
  {
    name: "the whole path in escapes",
    create: create(`"${escape("triggerConfig")}":{"${escape("basePayload")}":{"${escape("metadata")}":{${FORGED}}}}`),
    append: `{"${escape("kind")}":"${escape("message")}","${escape("payload")}":{"${escape("metadata")}":{${FORGED}}}}`,
    stamped: false,
    code: ESCAPED,
  },
];

const PROTO_KEY = "edge_key_proto";

/** `__proto__` as a key of each object on the way. */
export const PROTO: readonly Built[] = [
  inPayload("__proto__ in metadata", `"metadata":{"__proto__":{${FORGED}}}`, false, PROTO_KEY),
  inPayload("an escaped __proto__ in metadata", `"metadata":{"${escape("__proto__")}":{${FORGED}}}`, false, PROTO_KEY),
  inPayload("__proto__ in the payload", `"__proto__":{${META}}`, false, PROTO_KEY),
  {
    name: "__proto__ at the root",
    create: create(`"__proto__":{"triggerConfig":{"basePayload":{${META}}}}`),
    append: append(`"__proto__":{"payload":{${META}}}`),
    stamped: false,
    code: PROTO_KEY,
  },
  inPayload("__proto__ beside the way", `"metadata":{"a":{"__proto__":{"b":1}},${FORGED}}`, true),
  inPayload(
    "constructor and prototype",
    `"metadata":{"constructor":{"prototype":{${FORGED}}},"toString":1,"hasOwnProperty":1}`,
    true,
  ),
];

const CONTAINER = "edge_container_type";

/** Containers on the way of each JSON type. */
export const TYPES: readonly Built[] = [
  ...[`"x"`, `""`, "0", "1", "true", "false", "[]", `[{${FORGED}}]`].flatMap((value): Built[] => [
    inPayload(`metadata that is ${value}`, `"metadata":${value}`, false, CONTAINER),
    {
      name: `a payload that is ${value}`,
      create: create(`"triggerConfig":{"basePayload":${value}}`),
      append: append(`"payload":${value}`),
      stamped: false,
      code: CONTAINER,
    },
  ]),
  inPayload("metadata that is null", `"metadata":null`, true),
  inPayload("metadata that is empty", `"metadata":{}`, true),
  inPayload("a namespace of every type", `"metadata":{"__edge":null,"a":[1,"x",{"__edge":2}]}`, true),
];

/** Objects and lists in turn, `levels` deep, in both routes' metadata. */
export function deep(levels: number): { create: string; append: string } {
  const half = Math.floor(levels / 2);
  const nested = `${`{"a":[`.repeat(half)}${"]}".repeat(half)}`;
  return {
    create: base(`"metadata":{${FORGED},"deep":${nested}}`),
    append: payload(`"metadata":{${FORGED},"deep":${nested}}`),
  };
}
