/**
 * `answers`: nothing of Trigger.dev's comes back that is not the browser's business. It looks at every answer of the
 * whole examination, so it comes last.
 *
 * @module
 */
import { badToken, NO_CHAT } from "../requests.ts";
import { broken, type Check, holds, list } from "../verdict.ts";
import type { Answer } from "../wire.ts";

/** Cookies that CDNs set themselves, on the way back: they are not the upstream's. */
const CDN_COOKIES = /^(?:__cf_bm|_cfuvid|__cfruid|cf_clearance|AWSALB\w*|ak_bmsc|bm_\w+)=/;

export const answers: Check = {
  name: "answers",
  async judge({ wire }) {
    // Trigger.dev answers a slash at the end with a redirect that names a host.
    await wire.send({ path: "/api/v1/runs/", token: badToken(NO_CHAT) });
    const leaks = [
      ["cookies", ({ cookies }: Answer) => cookies.some((cookie) => !CDN_COOKIES.test(cookie))],
      [
        "headers of the stream store",
        ({ headers }: Answer) => Object.keys(headers).some((name) => name.startsWith("x-s2-")),
      ],
      ["redirects to another host", (answer: Answer) => leadsAway(answer, wire.url)],
    ] as const;
    const found = leaks.filter(([, leaked]) => wire.seen.some(leaked)).map(([name]) => name);
    if (found.length === 0) {
      return holds(`No cookies, store headers or foreign redirects in ${wire.seen.length} answers.`);
    }
    return broken(`Answers bring ${list(found)} to the browser: take them out of what comes back.`);
  },
};

function leadsAway({ headers }: Answer, { origin }: URL): boolean {
  const location = headers["location"];
  return location !== undefined && (!URL.canParse(location, origin) || new URL(location, origin).origin !== origin);
}
