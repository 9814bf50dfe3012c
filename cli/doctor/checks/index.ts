/**
 * Every check, in the order of the table.
 *
 * @module
 */
import type { Check } from "../verdict.ts";
import { answers } from "./answers.ts";
import { append } from "./append.ts";
import { bodies } from "./bodies.ts";
import { chat } from "./chat.ts";
import { clock } from "./clock.ts";
import { cors } from "./cors.ts";
import { create } from "./create.ts";
import { credentials } from "./credentials.ts";
import { elsewhere } from "./elsewhere.ts";
import { history } from "./history.ts";
import { host } from "./host.ts";
import { https } from "./https.ts";
import { paths } from "./paths.ts";
import { seal } from "./seal.ts";
import { service } from "./service.ts";
import { stream } from "./stream.ts";

/** `service` first: where it does not hold, nothing else can be told. `answers` last: it looks at what all others got. */
export const CHECKS: readonly Check[] = [
  service,
  https,
  create,
  append,
  paths,
  bodies,
  host,
  credentials,
  history,
  elsewhere,
  chat,
  cors,
  stream,
  seal,
  clock,
  answers,
];
