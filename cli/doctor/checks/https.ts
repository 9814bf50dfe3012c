/**
 * `https`: tokens do not travel in the clear.
 *
 * @module
 */
import { isUnheard } from "../options.ts";
import { broken, type Check, holds } from "../verdict.ts";

export const https: Check = {
  name: "https",
  judge({ wire: { url } }) {
    if (url.protocol === "https:") return Promise.resolve(holds("The proxy is called over TLS."));
    if (isUnheard(url)) return Promise.resolve(holds("The proxy is on this machine: nothing travels."));
    return Promise.resolve(
      broken("Tokens and messages travel in the clear: put TLS in front, and give browsers an https:// URL."),
    );
  },
};
