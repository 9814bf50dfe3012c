/**
 * The parts of a run, in their order. Each can be run by itself.
 *
 * @module
 */
import { bundleRows } from "./parts/bundle.ts";
import { growthRows } from "./parts/growth.ts";
import { handingRows } from "./parts/handing.ts";
import { proxyRows } from "./parts/proxy.ts";
import { sealRows } from "./parts/seal.ts";
import { spliceRows } from "./parts/splice.ts";
import { streamRows } from "./parts/streams.ts";
import type { Part } from "./plan.ts";

/** All parts by name. */
export const PARTS: Readonly<Record<string, Part>> = {
  splice: { title: "The splice", rows: spliceRows },
  proxy: { title: "The whole proxy", rows: proxyRows },
  streams: { title: "Event streams", rows: streamRows },
  growth: { title: "Cost as the work grows", rows: growthRows },
  seal: { title: "Seals", rows: sealRows },
  bundle: { title: "The Worker's bundle", rows: bundleRows },
  handing: { title: "How a null proxy hands a body on", rows: handingRows, onlyWhenAsked: true },
};
