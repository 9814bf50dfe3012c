/** A Worker that writes each request to Analytics Engine, and tells what it wrote. */
import { createProxy } from "../../mod.ts";
import { analytics, type AnalyticsDataset } from "../../adapters/analytics.ts";
import { watch } from "../../src/watch.ts";

interface Env {
  readonly UPSTREAM: string;
  readonly EDGE_REQUESTS: AnalyticsDataset;
}

const written: unknown[] = [];

export default {
  fetch(request: Request, env: Env): Response | Promise<Response> {
    if (new URL(request.url).pathname === "/written") return Response.json(written);
    const dataset: AnalyticsDataset = {
      writeDataPoint(point) {
        try {
          env.EDGE_REQUESTS.writeDataPoint(point);
          written.push(point);
        } catch (error) {
          written.push(String(error));
        }
      },
    };
    return createProxy({ upstream: env.UPSTREAM, trust: () => ({}), watch: watch(analytics(dataset)) }).fetch(request);
  },
};
