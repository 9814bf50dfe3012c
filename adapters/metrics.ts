/**
 * Metrics for Prometheus, by prom-client (https://github.com/siimon/prom-client), on Node, Bun and Deno. The ready-made
 * servers serve them where `EDGE_METRICS_PORT` is set; in a server of your own:
 *
 * ```ts
 * import client from "prom-client";
 * import { createProxy } from "edgestamp";
 * import { metrics } from "edgestamp/metrics";
 * import { watch } from "edgestamp/watch";
 *
 * const measured = metrics({ client });
 * const proxy = createProxy({ trust: () => ({}), watch: watch(measured.observe) });
 * // At an address that only your Prometheus reaches:
 * const respond = () => measured.respond();
 * ```
 *
 * @module
 */
import type { Answered, Observer } from "../src/watch.ts";

/** A registry of prom-client's, as far as it is used here. */
export interface MetricsRegistry {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** What a metric of prom-client's is told when it is made. */
export interface MetricSettings {
  name: string;
  help: string;
  labelNames?: string[];
  buckets?: number[];
  // deno-lint-ignore no-explicit-any -- its registry is a class with more to it than is used here
  registers?: any[];
}

type Labels = Record<string, string | number>;

/** The library, as far as it is used here: prom-client 15. */
export interface PrometheusClient {
  readonly Registry: new () => MetricsRegistry;
  readonly Counter: new (settings: MetricSettings) => { inc(labels: Labels): void };
  readonly Histogram: new (settings: MetricSettings) => { observe(labels: Labels, value: number): void };
  // deno-lint-ignore no-explicit-any -- as above
  collectDefaultMetrics(settings: { register: any }): void;
}

/** What {@link metrics} can be told. */
export interface MetricsOptions {
  /** The library. */
  readonly client: PrometheusClient;
  /** Where the metrics are kept, such as your app's own. Default: a new one. */
  readonly registry?: MetricsRegistry;
  /** Whether the process is measured, too: memory, processor time, event loop. Default `true`; not twice in one registry. */
  readonly process?: boolean;
}

/** Metrics, and how they come in and out. */
export interface Metrics {
  /** For `watch` of `edgestamp/watch`. */
  readonly observe: Observer;
  /** All of the registry in Prometheus' text format. */
  respond(): Promise<Response>;
}

/** Seconds. A stamp takes fractions of a millisecond, an upstream's answer up to the 30 s that it is given. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Counts requests and what they took. Labels are the names of methods, routes, callers, decisions, statuses and codes:
 * never an id, and never more than callers can make up.
 */
export function metrics({ client, registry = new client.Registry(), process = true }: MetricsOptions): Metrics {
  const { Counter, Histogram, collectDefaultMetrics } = client;
  const registers = [registry];
  if (process) collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "edgestamp_requests_total",
    help: "Requests that were answered",
    labelNames: ["method", "route", "caller", "decision", "status"],
    registers,
  });
  const refusals = new Counter({
    name: "edgestamp_refusals_total",
    help: "Requests that were refused or failed, by the code that their callers got",
    labelNames: ["route", "code"],
    registers,
  });
  const duration = new Histogram({
    name: "edgestamp_request_duration_seconds",
    help: "From the head of a request until the head of its answer",
    labelNames: ["route", "decision"],
    buckets: BUCKETS,
    registers,
  });
  const upstream = new Histogram({
    name: "edgestamp_upstream_duration_seconds",
    help: "From sending a request upstream until the head of the answer, or until it was given up",
    labelNames: ["route"],
    buckets: BUCKETS,
    registers,
  });
  const trust = new Histogram({
    name: "edgestamp_trust_duration_seconds",
    help: "Reading the signals",
    buckets: BUCKETS,
    registers,
  });
  const observe = (answered: Answered): void => {
    const { method, route, caller, decision, status, code, durationMs, trustMs, upstreamMs } = answered;
    requests.inc({ method, route, caller, decision, status });
    if (code !== undefined) refusals.inc({ route, code });
    duration.observe({ route, decision }, durationMs / 1000);
    if (upstreamMs !== undefined) upstream.observe({ route }, upstreamMs / 1000);
    if (trustMs !== undefined) trust.observe({}, trustMs / 1000);
  };
  const respond = async (): Promise<Response> =>
    new Response(await registry.metrics(), {
      headers: { "content-type": registry.contentType, "cache-control": "no-store" },
    });
  return { observe, respond };
}
