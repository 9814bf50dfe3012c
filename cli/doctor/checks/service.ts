/**
 * `service`: the proxy works, and Trigger.dev behind it answers. Where it does not, nothing else can be told.
 *
 * @module
 */
import { broken, type Check, holds, unknown, type Verdict } from "../verdict.ts";
import type { World } from "../world.ts";

/** What a deployment lacks whose every answer is one of these. */
const LACKS: Readonly<Record<string, string>> = {
  edge_misconfigured:
    "The proxy is misconfigured: its log, and the answer to any request, name the variable and the mend.",
  edge_trust_unavailable:
    "The proxy cannot read its signals: call it as browsers do, through the CDN whose headers it reads, and check EDGE_PROOF_SECRET.",
  edge_upstream_unreachable: "The proxy does not reach Trigger.dev: check TRIGGER_API_UPSTREAM.",
  edge_upstream_timeout: "Trigger.dev does not answer the proxy in time: check TRIGGER_API_UPSTREAM.",
  edge_internal: "The proxy fails: see its log.",
};

export const service: Check = {
  name: "service",
  judge: (world) => Promise.resolve(judge(world)),
};

function judge({ opening: { status, code }, isEdgestamp }: World): Verdict {
  const lack = code === undefined ? undefined : LACKS[code];
  if (lack !== undefined) return broken(lack);
  if (code?.startsWith("edge_admit_")) {
    return unknown(`The proxy does not admit the doctor (${code}): call it from where it admits callers.`);
  }
  if (status >= 500) {
    return broken(`An ordinary message is answered with ${status}: see the log of what answers there.`);
  }
  if (status === 404 || status === 405) {
    return broken(
      `The route of a message is answered with ${status}: give the URL that the chat's transport has as baseURL.`,
    );
  }
  const who = isEdgestamp ? "edgestamp" : "A proxy that does not judge as edgestamp does";
  return holds(`${who} answers, and Trigger.dev behind it.`);
}
