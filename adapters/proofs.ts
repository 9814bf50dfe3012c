/**
 * Proofs that a request came through the edge that sets its headers, beside the plain secret: for the
 * option `proof` of every provider that reads headers.
 *
 * ```ts
 * import { headers } from "edgestamp/headers";
 * import { netlifySignature } from "edgestamp/proofs";
 *
 * headers({ map: { country: "x-country" }, proof: netlifySignature({ secret: "…" }) });
 * ```
 *
 * @module
 */
import { createRemoteJWKSet, customFetch, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from "jose";
import type { Platform } from "../src/trust.ts";
import { rangeMatcher } from "./_cidr.ts";
import { checkedSecrets, isHeaderName, type Proof, type ProofCheck, toCheck } from "./_proof.ts";
import { socket, type SocketProvider } from "./_socket.ts";

export type { Proof, ProofCheck } from "./_proof.ts";

/** Clocks differ by a few seconds. */
const CLOCK_TOLERANCE_SECONDS = 10;

/** Less than the proxy waits for signals, so that the error names the keys and not the time. */
const KEYS_TIMEOUT_MS = 1_500;

/** What {@link netlifySignature} can be told. */
export interface NetlifySignatureOptions {
  /** The secret of the `signed` redirect. Two are accepted at once while one replaces the other. */
  readonly secret: string | readonly [string, string];
  /** The site whose redirect it is, as its `site_url` claim says. Default: any that has the secret. */
  readonly siteUrl?: string;
}

/**
 * Netlify's signed proxy redirects: `x-nf-sign` is a JWS (HS256) of five minutes by a shared secret.
 * (https://docs.netlify.com/routing/redirects/rewrites-proxies/#signed-proxy-redirects)
 * It binds neither path nor headers: it says that Netlify sent the request, as a secret would.
 */
export function netlifySignature({ secret, siteUrl }: NetlifySignatureOptions): ProofCheck {
  const keys = checkedSecrets(secret, "secret").map((each) => new TextEncoder().encode(each));
  const options: JWTVerifyOptions = { algorithms: ["HS256"], issuer: "netlify", requiredClaims: ["exp"] };
  return {
    consumes: ["x-nf-sign"],
    verify: async ({ headers }) => {
      for (const key of keys) {
        const claims = await claimsOf(headers.get("x-nf-sign"), () => key, options);
        if (claims !== undefined && (siteUrl === undefined || claims["site_url"] === siteUrl)) return true;
      }
      return false;
    },
  };
}

/** What {@link cloudflareAccess} can be told. */
export interface CloudflareAccessOptions {
  /** The team's name: the `acme` of `acme.cloudflareaccess.com`. */
  readonly team: string;
  /** The application's audience tag. Two where one replaces the other. */
  readonly audience: string | readonly string[];
  /**
   * The proof that the request came through Cloudflare. Access proves who calls, not which way: a user
   * has the same token as a cookie, and could send it around Cloudflare with headers of their own.
   * `"trusted-users"` says that they would not.
   */
  readonly and: Proof | ProofCheck | "trusted-users";
  /** Fetches the team's keys. Default: `fetch`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/**
 * Cloudflare Access: `cf-access-jwt-assertion` is a JWT (RS256) of the application.
 * (https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/)
 * The team's keys are fetched when the first request comes, and again for a key that is new.
 */
export function cloudflareAccess({ team, audience, and, fetch }: CloudflareAccessOptions): ProofCheck {
  if (!/^[a-z\d-]{1,63}$/i.test(team)) {
    throw new TypeError("Cannot use option `team`: give the team's name, such as acme");
  }
  if (audience.length === 0) throw new TypeError("Cannot use option `audience`: give the application's audience tag");
  if (and === undefined) {
    throw new TypeError(
      'Cannot use option `and`: a user can send the token around Cloudflare; add a secret, or say "trusted-users"',
    );
  }
  const also = and === "trusted-users" ? undefined : toCheck(and);
  const issuer = `https://${team.toLowerCase()}.cloudflareaccess.com`;
  const keys = createRemoteJWKSet(new URL(`${issuer}/cdn-cgi/access/certs`), {
    timeoutDuration: KEYS_TIMEOUT_MS,
    ...(fetch && { [customFetch]: fetch }),
  });
  const options: JWTVerifyOptions = {
    algorithms: ["RS256"],
    issuer,
    audience: [...(typeof audience === "string" ? [audience] : audience)],
    requiredClaims: ["exp"],
  };
  return {
    consumes: ["cf-access-jwt-assertion", ...(also?.consumes ?? [])],
    verify: async (request, platform) =>
      (also === undefined || await also.verify(request, platform) === true) &&
      await claimsOf(request.headers.get("cf-access-jwt-assertion"), keys, options) !== undefined,
  };
}

/** What {@link clientCertificate} can be told. */
export interface ClientCertificateOptions {
  /** The header in which the TLS terminator writes its verdict, such as nginx's `$ssl_client_verify`. */
  readonly header: string;
  /** What it writes where the certificate is good. Default `SUCCESS`. */
  readonly verdict?: string;
  /** The proof that the terminator wrote it. */
  readonly and: Proof | ProofCheck;
}

/** The verdict of a TLS terminator of one's own on the client certificate of the edge. By itself it is a header as any other. */
export function clientCertificate({ header, verdict = "SUCCESS", and }: ClientCertificateOptions): ProofCheck {
  if (!isHeaderName(header)) throw new TypeError("Cannot use option `header`: give the name of a header");
  return both(and, [header.toLowerCase()], ({ headers }) => headers.get(header) === verdict);
}

/** What {@link peerWithin} can be told. */
export interface PeerWithinOptions {
  /** The edge's ranges. */
  readonly cidrs: readonly string[];
  /** The proof that it is not another customer of the same edge. */
  readonly and: Proof | ProofCheck;
  /** Where the peer's address comes from. Default: the socket. */
  readonly peer?: Pick<SocketProvider, "read">;
}

/** The address of the connection lies in the edge's ranges. All its customers' do: so it takes another proof. */
export function peerWithin({ cidrs, and, peer = socket() }: PeerWithinOptions): ProofCheck {
  const isWithin = rangeMatcher(cidrs, "cidrs");
  return both(and, [], (request, platform) => {
    const { ip } = peer.read(request, platform);
    return ip !== undefined && isWithin(ip);
  });
}

function both(
  and: Proof | ProofCheck,
  consumes: readonly string[],
  holds: (request: Request, platform?: Platform) => boolean,
): ProofCheck {
  if (and === undefined) {
    throw new TypeError("Cannot use option `and`: this alone is no proof; add a secret or a signature");
  }
  const check = toCheck(and);
  return {
    consumes: [...consumes, ...check.consumes],
    verify: (request, platform) => holds(request, platform) && check.verify(request, platform),
  };
}

/** The claims of a token that verifies; `undefined` for any other. Rejects where the keys cannot be had. */
async function claimsOf(
  token: string | null,
  key: JWTVerifyGetKey | (() => Uint8Array),
  options: JWTVerifyOptions,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (token === null) return undefined;
  try {
    const verified = await jwtVerify(token, key as JWTVerifyGetKey, {
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      ...options,
    });
    return verified.payload;
  } catch (error) {
    if (isOurs(error)) throw error;
    return undefined;
  }
}

/** Not the token's fault: the keys could not be fetched. */
function isOurs(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code !== "string" || code === "ERR_JWKS_TIMEOUT" || code === "ERR_JOSE_GENERIC";
}
