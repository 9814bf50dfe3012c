/**
 * Writes databases in MaxMind's format, small ones: MaxMind's own are not free to pass on. Written from
 * the specification (https://maxmind.github.io/MaxMind-DB/), apart from any reader.
 */

/** A record's value. Whole numbers are written as uint32, others as doubles. */
export type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/** Networks by their beginning and length: of IPv4, which a tree of IPv6 has below `::/96`. */
export type Networks = Readonly<Record<`${string}/${number}`, Value>>;

type Node = [left: Node | number | undefined, right: Node | number | undefined];

/** A whole database: a tree of IPv6, or of IPv4 alone. */
export function database(databaseType: string, networks: Networks, ipVersion: 4 | 6 = 6): Buffer {
  const data: Buffer[] = [];
  let offset = 0;
  const root: Node = [undefined, undefined];
  for (const [network, value] of Object.entries(networks)) {
    insert(root, [...Array<number>(ipVersion === 6 ? 96 : 0).fill(0), ...bitsOf(network)], -1 - offset);
    const bytes = encode(value);
    data.push(bytes);
    offset += bytes.length;
  }
  const nodes = numbered(root);
  const order = new Map(nodes.map((node, at) => [node, at]));
  const tree = nodes.map((node) => Buffer.concat(node.map((record) => pointer(record, order, nodes.length))));
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    database_type: databaseType,
    description: { en: "a test's" },
    ip_version: ipVersion,
    languages: ["en"],
    node_count: nodes.length,
    record_size: 24,
  });
  const marker = Buffer.from("\xab\xcd\xefMaxMind.com", "latin1");
  return Buffer.concat([...tree, Buffer.alloc(16), ...data, marker, metadata]);
}

function bitsOf(network: string): number[] {
  const [address = "", length = "32"] = network.split("/");
  const bits = address.split(".").flatMap((octet) => [...Number(octet).toString(2).padStart(8, "0")].map(Number));
  return bits.slice(0, Number(length));
}

/** Data is a negative number, a node itself. */
function insert(root: Node, bits: readonly number[], data: number): void {
  let node = root;
  for (const bit of bits.slice(0, -1)) node = (node[bit] ??= [undefined, undefined]) as Node;
  node[bits.at(-1)!] = data;
}

function numbered(root: Node): Node[] {
  const nodes = [root];
  // It grows as it is walked.
  for (const node of nodes) nodes.push(...node.filter((record) => Array.isArray(record)));
  return nodes;
}

function pointer(record: Node[0], order: ReadonlyMap<Node, number>, count: number): Buffer {
  const value = record === undefined
    ? count
    : typeof record === "number"
    ? count + 16 - 1 - record
    : order.get(record)!;
  return Buffer.from([value >> 16, (value >> 8) & 255, value & 255]);
}

function encode(value: Value): Buffer {
  if (typeof value === "string") return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === "boolean") return control(14, Number(value));
  if (typeof value === "number" && Number.isInteger(value)) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), bytes]);
  }
  if (typeof value === "number") {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return Buffer.concat([control(3, 8), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)]);
  const members = Object.entries(value);
  return Buffer.concat([
    control(7, members.length),
    ...members.flatMap(([key, member]) => [encode(key), encode(member)]),
  ]);
}

function control(type: number, size: number): Buffer {
  const [short, ...long] = size < 29 ? [size] : [29, size - 29];
  return Buffer.from(type > 7 ? [short!, type - 7, ...long] : [(type << 5) | short!, ...long]);
}
