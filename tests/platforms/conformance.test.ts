/** The core's conformance list against the platforms whose server, or the like of it, runs here. */
import { describe } from "node:test";
import { HANDED_OVER, READY_MADE, UNDER_WAY } from "../conformance/cases/index.ts";
import type { Recorder } from "../conformance/recorder.ts";
import { PAGE, type Running, type Runtime, start } from "../conformance/servers.ts";
import { hold, holdWithOptions } from "../conformance/suite.ts";
import type { Case } from "../conformance/surface.ts";
import { NAMESPACE } from "../runtime/signals.ts";
import { casesFor, type Platform } from "./cannot.ts";

/** Where a platform's servers come from. */
interface Launched {
  readonly platform: Platform;
  readonly runtime: Runtime;
  readonly cases: readonly Case[];
  readonly command: readonly [string, ...string[]];
}

/** In letters that JSON can be written with in one way only. */
const CITY = "Curitiba";

const DENO = ["deno", "run", "-A", "--no-check"] as const;

/** With the test's trust provider, and every setting that the list asks for. */
const PROXIES: readonly Launched[] = [
  {
    platform: "Vercel's Edge runtime",
    runtime: "node",
    cases: [...new Set([...HANDED_OVER, ...UNDER_WAY, ...READY_MADE])],
    command: ["node", "launch_vercel.ts"],
  },
  // Node has the whole list of its own: what is particular to these is how requests come and answers go.
  {
    platform: "a Function URL, streamed",
    runtime: "node",
    cases: [...HANDED_OVER, ...UNDER_WAY],
    command: ["node", "launch_lambda.ts", "streamed"],
  },
  {
    platform: "a Function URL, buffered",
    runtime: "node",
    cases: HANDED_OVER,
    command: ["node", "launch_lambda.ts", "buffered"],
  },
  { platform: "Lambda@Edge", runtime: "node", cases: HANDED_OVER, command: ["node", "launch_lambda.ts", "edge"] },
];

for (const { platform, runtime, cases, command: [file, ...args] } of PROXIES) {
  describe(`conformance on ${platform}`, () => {
    holdWithOptions(runtime, casesFor(platform, cases), (options) => launch(file, args, options));
  });
}

describe("conformance on Netlify in Deno", () => {
  hold({
    runtime: "deno",
    cases: casesFor("Netlify in Deno", READY_MADE),
    stamp: { ip: "198.51.100.7", country: "BR", city: CITY },
    start: (upstream) => launch(DENO[0], [...DENO.slice(1), "launch_netlify.ts"], environments(upstream)),
  });
});

function launch(file: string, args: readonly string[], told: object): Promise<Running> {
  return start(file, [...args, JSON.stringify(told)], import.meta.dirname);
}

/** The environments of the three servers on which the short list calls. */
function environments(upstream: Recorder): Record<"standard" | "off" | "chat", Record<string, string>> {
  const common = { TRIGGER_API_UPSTREAM: upstream.origin, EDGE_NAMESPACE: NAMESPACE, TEST_CITY: CITY };
  return {
    standard: { ...common, EDGE_ALLOWED_ORIGINS: `${PAGE}, https://*.example.org` },
    off: { ...common, EDGE_GUARD: "off" },
    chat: { ...common, EDGE_GUARD: "chat", EDGE_ALLOWED_ORIGINS: "*" },
  };
}
