/** The Worker of Trigger.dev's page, restated: what a bundle and a cold start are held against. */
import { referenceProxy } from "../reference.ts";

interface Env {
  readonly TRIGGER_API_UPSTREAM?: string;
}

interface Cf {
  readonly botManagement?: { readonly score?: number; readonly ja4?: string };
  readonly asn?: number;
  readonly country?: string;
}

function read(request: Request): unknown {
  const { cf } = request as { cf?: Cf };
  return {
    botScore: cf?.botManagement?.score ?? 0,
    ja4: cf?.botManagement?.ja4 ?? "",
    asn: cf?.asn ?? 0,
    country: cf?.country ?? "",
  };
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    referenceProxy(env.TRIGGER_API_UPSTREAM ?? "https://api.trigger.dev", read)(request),
};
