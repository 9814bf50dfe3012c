/**
 * What the core's conformance list asks for and a platform cannot have: in one place, each with its
 * reason. Everything else is expected of all of them.
 */
import { CASES } from "../conformance/cases/index.ts";
import type { Case } from "../conformance/surface.ts";

/** The platforms that the list is run against, beside the runtimes themselves. */
export type Platform =
  | "Vercel's Edge runtime"
  | "Netlify in Deno"
  | "a Function URL, streamed"
  | "a Function URL, buffered"
  | "Lambda@Edge"
  | "Fastly Compute";

/** Names of cases, and why the platform has no such thing. */
type Lack = readonly [names: RegExp, why: string];

const COLLECTED: readonly Lack[] = [
  [/^hands on a server's body before/, "Lambda is called when the body is whole"],
  [/^answers 408 for a body/, "Lambda is called when the body is whole, and AWS waits for it"],
  [/^breaks off a server's upload upstream/, "Lambda is called when the body is whole"],
  [/^passes a server's body of many MiB/, "an event is at most 6 MB"],
  [/^holds no more of a server's upload/, "AWS takes a body whole, whatever the function does"],
];

const BUFFERED: readonly Lack[] = [
  [
    /^(?:streams events|gives a stream's head|asks for streams|keeps a hundred streams|delivers compressed events)/,
    "the answer is returned when it is whole",
  ],
  [/^ends a (?:busy |silent )?stream |^ends a read /, "the function is not told that its caller left"],
  [/^holds no more of an answer/, "the answer is held whole"],
];

const LACKS: Readonly<Record<Platform, readonly Lack[]>> = {
  "Vercel's Edge runtime": [
    [/^answers .* alike on answers/, "its server reads the target //… as another host's, and the path is lost"],
    [/^refuses (?:append|create), spelled with (?:two|three) slashes first/, "the same"],
    [/^refuses the Host /, "its server refuses a Host that makes no URL before the code runs"],
    [/^refuses methods that it does not know/, "no Request can have them, and its server drops the connection"],
    [/^returns a (?:\d+ with|HEAD's)|^returns a large answer/, "its server drops Content-Length"],
    [/^keeps a coding that no runtime knows/, "its server drops Content-Encoding"],
    [/^keeps the meaning of a .* answer in zstd/, "the same, and its fetch cannot inflate zstd"],
    [/^gives a stream's head before/, "its server sends a head with the first byte"],
    [/^ends a stream that breaks off|^breaks an answer /, "its server ends an answer that failed as if it were whole"],
    [
      /^ends a (?:silent )?stream upstream|^ends a read upstream/,
      "its server does not tell the code that the caller left",
    ],
    [/^holds no more of a server's upload/, "its server reads a body as fast as it comes"],
    [
      /^passes a server's body of many MiB|with nesting of 100,000/,
      "its server copies a body number by number, which takes seconds",
    ],
    [
      /^holds a secret key (?:before a public token|twice)/,
      "its server hands on the first of two Authorization lines alone",
    ],
  ],
  "Netlify in Deno": [
    [/^returns a (?:\d+ with|HEAD's)|^returns a large answer/, "its bootstrap drops Content-Length"],
  ],
  "a Function URL, streamed": COLLECTED,
  "a Function URL, buffered": [...COLLECTED, ...BUFFERED],
  "Lambda@Edge": [
    ...COLLECTED,
    ...BUFFERED,
    [/^refuses append that is over the limit/, "CloudFront cuts a body off at 1 MiB: it is refused as broken"],
    [/^returns a large answer/, "an answer is at most 1 MB"],
    [/^returns a HEAD's headers/, "CloudFront sets Content-Length, and a function must not"],
  ],
  "Fastly Compute": [
    [/^returns a HEAD's|^returns a large answer/, "it frames a streamed answer itself, in chunks"],
    [
      /^keeps a hundred streams/,
      "each takes an instance of its own, and what stands for the host makes them one after the other",
    ],
  ],
};

/** The cases that a platform can have. A reason that fits no case any more is an error. */
export function casesFor(platform: Platform, cases: readonly Case[]): readonly Case[] {
  const lacks = LACKS[platform];
  const stale = lacks.filter(([names]) => !CASES.some(({ name }) => names.test(name)));
  if (stale.length > 0) throw new Error(`no case is called like ${stale.map(([names]) => names).join(" or ")}`);
  return cases.filter(({ name }) => !lacks.some(([names]) => names.test(name)));
}
