/**
 * Reads an IP address as proxies write it.
 *
 * @module
 */

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const V4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const V4_MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/**
 * The address in its canonical spelling: without brackets, port and zone, IPv4 also where it came
 * mapped into IPv6, as dual-stack sockets write it. `undefined` for anything that is no address:
 * a list of them, a name, an octal or shortened IPv4.
 */
export function parseIp(text: string): string | undefined {
  const bare = text.trim().replace(/^\[([^\]]*)\](?::\d{1,5})?$/, "$1").replace(/%[\w.~-]+$/, "");
  const withoutPort = bare.replace(/^([\d.]+):\d{1,5}$/, "$1");
  if (V4.test(withoutPort)) return withoutPort;
  // A URL's host is the web's own strict parser of IPv6 (https://url.spec.whatwg.org/#concept-ipv6-parser).
  if (!/^[\da-f:.]+$/i.test(bare) || !URL.canParse(`http://[${bare}]`)) return undefined;
  const address = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = V4_MAPPED.exec(address);
  return mapped === null ? address : toV4(parseInt(mapped[1]!, 16), parseInt(mapped[2]!, 16));
}

function toV4(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
