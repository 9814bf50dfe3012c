/**
 * Ranges of addresses.
 *
 * @module
 */
import ipaddr from "ipaddr.js";

/** Whether an address, as `parseIp` spells it, lies in one of the ranges. */
export type RangeMatcher = (address: string) => boolean;

/**
 * Makes a matcher for ranges such as `10.0.0.0/8`, `2001:db8::/32` or a single address. Throws a
 * `TypeError` that names the option for one that is none, for an IPv4 range mapped into IPv6 (write it
 * as IPv4: addresses are compared so) and for `/0`, which everybody is in.
 */
export function rangeMatcher(cidrs: readonly string[], option: string): RangeMatcher {
  if (!Array.isArray(cidrs) || cidrs.length === 0) {
    throw new TypeError(`Cannot use option \`${option}\`: give at least one range, such as 10.0.0.0/8`);
  }
  const ranges = cidrs.map((cidr) => toRange(cidr, option));
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return ranges.some(([network, bits]) => parsed.kind() === network.kind() && isIn(parsed, network, bits));
  };
}

type Range = readonly [network: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

/** Both are of one kind by now, which the library's types cannot say. */
function isIn(address: Range[0], network: Range[0], bits: number): boolean {
  return (address as ipaddr.IPv4).match(network as ipaddr.IPv4, bits);
}

function toRange(cidr: string, option: string): Range {
  const refusal = `Cannot use option \`${option}\`: "${cidr}" is no range; give one such as 10.0.0.0/8`;
  const [address = "", length, more] = String(cidr).split("/");
  // Four octets: the library also reads shortened and octal spellings, which are read otherwise elsewhere.
  const isPlain = address.includes(":") ? ipaddr.IPv6.isValid(address) : ipaddr.IPv4.isValidFourPartDecimal(address);
  if (!isPlain || more !== undefined || address.includes("%")) throw new TypeError(refusal);
  const network = ipaddr.parse(address);
  const widest = network.kind() === "ipv4" ? 32 : 128;
  const bits = length === undefined ? widest : /^\d{1,3}$/.test(length) ? Number(length) : NaN;
  if (!(bits >= 1 && bits <= widest)) throw new TypeError(refusal);
  if (network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress()) throw new TypeError(refusal);
  return [network, bits];
}
