/**
 * Workers Analytics Engine: a data point for each request of a Worker.
 *
 * ```ts
 * import { env } from "cloudflare:workers";
 * import { createProxy } from "edgestamp";
 * import { analytics } from "edgestamp/analytics";
 * import { cloudflare } from "edgestamp/cloudflare";
 * import { watch } from "edgestamp/watch";
 *
 * const proxy = createProxy({ trust: cloudflare(), watch: watch(analytics(env.EDGE_REQUESTS)) });
 * ```
 *
 * with `"analytics_engine_datasets": [{ "binding": "EDGE_REQUESTS", "dataset": "edge_requests" }]` in `wrangler.jsonc`.
 *
 * @module
 */
import type { Observer } from "../src/watch.ts";

/** A dataset's binding (https://developers.cloudflare.com/analytics/analytics-engine/get-started/). */
export interface AnalyticsDataset {
  writeDataPoint(point: {
    readonly indexes: [string];
    readonly blobs: string[];
    readonly doubles: number[];
  }): void;
}

/**
 * Writes a data point for each request. The index, by which Cloudflare samples, is the route. The columns:
 *
 * - `blob1` route, `blob2` decision, `blob3` the refusal's code or nothing, `blob4` method, `blob5` caller, `blob6` request id,
 *   `blob7` trace id or nothing;
 * - `double1` status, `double2` milliseconds in all, `double3` for the signals, `double4` for the upstream, `double5` bytes
 *   that were stamped; 0 where there was none.
 */
export function analytics(dataset: AnalyticsDataset): Observer {
  return ({ route, decision, code = "", method, caller, requestId, traceId = "", ...numbers }) => {
    const { status, durationMs, trustMs = 0, upstreamMs = 0, bodyBytes = 0 } = numbers;
    dataset.writeDataPoint({
      indexes: [route],
      blobs: [route, decision, code, method, caller, requestId, traceId],
      doubles: [status, durationMs, trustMs, upstreamMs, bodyBytes],
    });
  };
}
