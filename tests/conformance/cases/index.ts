/** The one list of black-box cases, by topic. */
import type { Case } from "../surface.ts";
import { aborts } from "./aborts.ts";
import { answers } from "./answers.ts";
import { bodies } from "./bodies.ts";
import { compression } from "./compression.ts";
import { cors } from "./cors.ts";
import { faults } from "./faults.ts";
import { failures } from "./failures.ts";
import { forwarding } from "./forwarding.ts";
import { framing } from "./framing.ts";
import { guard } from "./guard.ts";
import { headers } from "./headers.ts";
import { own } from "./own.ts";
import { paths } from "./paths.ts";
import { pressure } from "./pressure.ts";
import { redirects } from "./redirects.ts";
import { sizes } from "./sizes.ts";
import { replacing, stamping } from "./stamping.ts";
import { streams } from "./streams.ts";
import { targets } from "./targets.ts";
import { tokens } from "./tokens.ts";
import { tripwire } from "./tripwire.ts";

export const CASES: readonly Case[] = [
  ...stamping,
  ...forwarding,
  ...answers,
  ...compression,
  ...redirects,
  ...headers,
  ...cors,
  ...failures,
  ...faults,
  ...sizes,
  ...bodies,
  ...own,
  ...paths,
  ...targets,
  ...framing,
  ...tokens,
  ...guard,
  ...tripwire,
  ...streams,
  ...aborts,
  ...pressure,
];

/** What the ready-made servers are held to as well: all that needs no setting that the environment does not have. */
export const READY_MADE: readonly Case[] = [...replacing, ...answers, ...compression, ...streams, ...paths, ...tokens];

/** Whatever goes on while a request or an answer is under way. */
export const UNDER_WAY: readonly Case[] = [...streams, ...aborts, ...pressure];

/** What can depend on how a platform hands requests over and takes answers; the rest is the runtime's. */
export const HANDED_OVER: readonly Case[] = [
  ...stamping,
  ...forwarding,
  ...answers,
  ...headers,
  ...cors,
  ...sizes,
  ...bodies,
  ...paths,
  ...targets,
  ...tokens,
  ...guard,
];
