/**
 * `cors`: the app's page may call the proxy, and no page that was not named.
 *
 * @module
 */
import { APPEND_TELL, appendTo, badToken, channelOf, NO_CHAT } from "../requests.ts";
import { broken, type Check, holds, unknown, type Verdict } from "../verdict.ts";
import type { Answer, Field, Wire } from "../wire.ts";

const PATH = appendTo(NO_CHAT);
const FOREIGN = "https://edgestamp-doctor.invalid";
/** What the chat's transport sends beyond what every page may. */
const HEADERS = ["authorization", "content-type", "x-part-id"];

export const cors: Check = {
  name: "cors",
  async judge({ wire, options: { origin } }) {
    const foreign = await ask(wire, FOREIGN);
    const lax = foreign.map(({ answer }) => answer).find((answer) => isAllowed(answer, FOREIGN, "exact"));
    if (lax !== undefined) return broken("Whatever page asks is allowed by its name: list the origins, or say `*`.");
    if (origin === undefined) return unknown("Give the page's origin with --origin, such as https://app.example.com.");
    return judgeOwn(await ask(wire, origin), origin);
  },
};

interface Asked {
  readonly what: string;
  readonly answer: Answer;
}

/** A preflight, a call that goes through, and one that is refused. */
async function ask(wire: Wire, origin: string): Promise<Asked[]> {
  const fields: Field[] = [["Origin", origin]];
  const token = badToken(NO_CHAT);
  const asking: Field[] = [
    ["Access-Control-Request-Method", "POST"],
    ["Access-Control-Request-Headers", HEADERS.join(",")],
  ];
  return [
    { what: "a preflight", answer: await wire.send({ method: "OPTIONS", path: PATH, fields: [...fields, ...asking] }) },
    { what: "an answer", answer: await wire.send({ path: `${channelOf(NO_CHAT, "in")}/records`, token, fields }) },
    { what: "a refusal", answer: await wire.send({ path: PATH, token, fields, body: APPEND_TELL }) },
  ];
}

function judgeOwn(asked: readonly Asked[], origin: string): Verdict {
  const without = asked.find(({ answer }) => !isAllowed(answer, origin, "any"));
  if (without !== undefined) {
    return broken(
      `${origin} may not read ${without.what}: add it to EDGE_ALLOWED_ORIGINS, and let nothing in front answer CORS.`,
    );
  }
  if (asked.some(({ answer }) => answer.headers["access-control-allow-credentials"] === "true")) {
    return broken(
      "Answers allow credentials: tokens travel in a header that scripts set, so let nothing in front add that.",
    );
  }
  const { headers, status } = asked[0]!.answer;
  const allowed = (headers["access-control-allow-headers"] ?? "").toLowerCase();
  const missing = HEADERS.filter((name) => !allowed.includes(name));
  if (status >= 300 || missing.length > 0) {
    return broken(
      `A preflight does not allow ${missing.join(", ") || "the call"}: let the proxy answer OPTIONS itself.`,
    );
  }
  const anyone = headers["access-control-allow-origin"] === "*"
    ? ", as may every page"
    : ", and a page that was not named may not";
  return holds(`${origin} may call the proxy${anyone}.`);
}

function isAllowed({ headers }: Answer, origin: string, how: "exact" | "any"): boolean {
  const allowed = headers["access-control-allow-origin"];
  return allowed === origin || (how === "any" && allowed === "*");
}
