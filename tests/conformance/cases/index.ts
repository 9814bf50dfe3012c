/** The one list of black-box cases, by topic. */
import type { Case } from "../surface.ts";
import { aborts } from "./aborts.ts";
import { answers } from "./answers.ts";
import { compression } from "./compression.ts";
import { cors } from "./cors.ts";
import { failures } from "./failures.ts";
import { headers } from "./headers.ts";
import { sizes } from "./sizes.ts";
import { forwarding } from "./forwarding.ts";
import { redirects } from "./redirects.ts";
import { stamping } from "./stamping.ts";
import { streams } from "./streams.ts";

export const CASES: readonly Case[] = [
  ...stamping,
  ...forwarding,
  ...answers,
  ...compression,
  ...redirects,
  ...cors,
  ...failures,
  ...headers,
  ...sizes,
  ...streams,
  ...aborts,
];
