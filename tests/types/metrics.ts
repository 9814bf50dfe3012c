/** prom-client is what `edgestamp/metrics` takes it for. Checked by `tsc`, not run. */
import client, * as named from "prom-client";
import { type Metrics, metrics } from "../../adapters/metrics.ts";

export const all: readonly Metrics[] = [
  metrics({ client }),
  metrics({ client: named, process: false }),
  metrics({ client, registry: client.register }),
  metrics({ client, registry: new client.Registry() }),
];
