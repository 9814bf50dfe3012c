/**
 * Fastly Compute: signals from the `FetchEvent`'s client, which no header is in, and a ready service.
 * Built with `@fastly/js-compute`; {@link listen} is all of its main file:
 *
 * ```ts ignore
 * import { listen } from "edgestamp/fastly-compute";
 *
 * listen(() => ({ EDGE_ALLOWED_ORIGINS: "https://app.example.com" }));
 * ```
 *
 * @module
 */
import { createProxy, type Proxy } from "../src/proxy.ts";
import type { Platform } from "../src/trust.ts";
import { readEnvironment } from "./_environment.ts";
import { installMissing, withSignal } from "./_fastly_globals.ts";
import { parseIp } from "./_ip.ts";
import { readyFetch } from "./_ready.ts";
import type { Environment } from "./_types.ts";
import { EnvironmentError, valueOf } from "./_variables.ts";
import { type FieldValue, toSignals } from "./signals.ts";

/** A signal of Fastly Compute. */
export type FastlyComputeField =
  | "ip"
  | "country"
  | "continent"
  | "regionCode"
  | "city"
  | "postalCode"
  | "latitude"
  | "longitude"
  | "asn"
  | "asOrganization"
  | "proxyType"
  | "proxyDescription"
  | "ja3"
  | "ja4"
  | "tlsVersion"
  | "tlsCipher";

/** The trust provider of Fastly Compute. */
export interface FastlyComputeProvider {
  readonly name: string;
  readonly consumes: readonly string[];
  read(request: Request, platform?: Platform): { readonly [F in FastlyComputeField]?: FieldValue<F> | null };
}

/** A `FetchEvent`'s client, as far as it is read (`@fastly/js-compute`, types/globals.d.ts). */
export interface FastlyClient {
  readonly address: string;
  readonly geo?: Readonly<Record<string, unknown>> | null;
  readonly tlsJA3MD5?: string | null;
  readonly tlsJA4?: string | null;
  readonly tlsProtocol?: string | null;
  readonly tlsCipherOpensslName?: string | null;
}

/** An event of Fastly Compute. */
export interface FastlyEvent {
  readonly request: Request;
  readonly client: FastlyClient;
  respondWith(response: Promise<Response>): void;
  waitUntil(promise: Promise<unknown>): void;
}

/** How Fastly writes "unknown": no text, `?`, number 0 and, for a place, 999. */
const UNKNOWN = ["", "?"];

/** The marks of Fastly's own on a request; a client can send them, too. */
const CONSUMED = ["fastly-client-ip", "fastly-client", "fastly-ff", "fastly-ssl"];

/**
 * Reads signals from `platform.info`, the `FetchEvent`. Fastly's sentinels are `null`, and so are
 * fingerprints without TLS. Throws where there is no event: then `onTrustError` decides.
 */
export function fastlyCompute(): FastlyComputeProvider {
  return {
    name: "fastly-compute",
    consumes: CONSUMED,
    read(_request, platform) {
      const client = (platform?.info as FastlyEvent | undefined)?.client;
      if (client === undefined) throw new Error("fastly-compute: there is no event; hand it on as `info`");
      const { address, geo, tlsJA3MD5, tlsJA4, tlsProtocol, tlsCipherOpensslName } = client;
      return toSignals({
        ip: parseIp(address),
        ...placeOf(geo ?? {}),
        // In capitals, and everywhere else not.
        ja3: tlsJA3MD5 && tlsJA3MD5.toLowerCase(),
        ja4: tlsJA4,
        tlsVersion: tlsProtocol,
        tlsCipher: tlsCipherOpensslName,
      }, UNKNOWN);
    },
  };
}

/** Members are asked for one by one: they are getters on a prototype. */
function placeOf(geo: Readonly<Record<string, unknown>>) {
  return {
    country: geo["country_code"],
    continent: geo["continent"],
    regionCode: geo["region"],
    city: geo["city"],
    postalCode: geo["postal_code"],
    latitude: geo["latitude"] === 999 ? null : geo["latitude"],
    longitude: geo["longitude"] === 999 ? null : geo["longitude"],
    asn: geo["as_number"] === 0 ? null : geo["as_number"],
    asOrganization: geo["as_name"],
    proxyType: geo["proxy_type"],
    proxyDescription: geo["proxy_description"],
  };
}

/**
 * Answers every request of the service. `environment` is called when the first one comes, because a
 * service has stores and no variables: it gives them under the names of the ready servers. Stamps are
 * not sealed here: the runtime's WebCrypto has neither Ed25519 nor AES-GCM, so `EDGE_SEAL` may be `none`.
 */
export function listen(environment: () => Environment | Promise<Environment>): void {
  installMissing();
  const answer = readyFetch(proxyFrom);
  let env: Promise<Environment> | undefined;
  const handle = async (event: FastlyEvent): Promise<Response> => {
    const given = await (env ??= Promise.resolve().then(environment));
    return answer(withSignal(event.request), given, {
      info: event,
      env: given,
      waitUntil: (promise) => event.waitUntil(promise),
    });
  };
  const { addEventListener } = globalThis as unknown as {
    addEventListener(type: "fetch", listener: (event: FastlyEvent) => void): void;
  };
  addEventListener("fetch", (event) => event.respondWith(handle(event)));
}

function proxyFrom(env: Environment): Proxy {
  // Said before a key is asked for, which would be of no use. A key alone asks for a seal, too.
  if ((valueOf(env, "EDGE_SEAL") ?? valueOf(env, "EDGE_SEAL_KEY") ?? "none") !== "none") {
    throw new EnvironmentError("EDGE_SEAL: Fastly Compute has no Ed25519 and no AES-GCM to seal with; set none");
  }
  return createProxy({ ...readEnvironment(env, { trusts: ["fastly-compute"] }).options, trust: fastlyCompute() });
}
