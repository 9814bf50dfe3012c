/**
 * Headers that Cloudflare sets on each request.
 *
 * @module
 */

/** What Cloudflare tells a Worker or an origin of the caller in headers: towards Trigger.dev it is nobody's business. */
export const CLOUDFLARE_CONSUMED: readonly string[] = [
  "cf-connecting-ip",
  "cf-connecting-ipv6",
  "cf-pseudo-ipv4",
  "true-client-ip",
  "x-real-ip",
  "cf-ipcountry",
  "cf-visitor",
  "cf-ray",
  "cf-worker",
  "cf-ew-via",
];
