/**
 * Headers that Cloudflare sets on each request.
 *
 * @module
 */

/**
 * What Cloudflare tells a Worker or an origin of the caller in headers: towards Trigger.dev it is nobody's
 * business, least of all what a caller is known by to Cloudflare Access.
 */
export const CLOUDFLARE_CONSUMED: readonly string[] = [
  "cf-access-jwt-assertion",
  "cf-access-authenticated-user-email",
  "cf-access-client-id",
  "cf-access-client-secret",
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
