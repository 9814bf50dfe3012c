/** Good deployments, each with a single fault. */
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "../../adapters/node.ts";
import { createProxy, type Options } from "../../mod.ts";
import { signed } from "../../src/seal.ts";
import { PAGE } from "./examined.ts";

type Fetch = (request: Request) => Promise<Response>;

/** What each fault is made of. */
interface Making {
  /** The deployment without a fault. */
  readonly good: Fetch;
  readonly upstream: string;
  /** Hands a request on as it came, judged by nobody. */
  readonly raw: Fetch;
  /** The same deployment with other options. */
  readonly with: (options: Options) => Fetch;
  /** The same deployment without a seal. */
  readonly unsealed: Fetch;
  readonly key: string;
}

/** A fault: what it is, and which checks name it. */
export interface Fault {
  readonly name: string;
  readonly found: readonly string[];
  readonly make: (making: Making) => Fetch;
}

const isPath = ({ url }: Request, pattern: RegExp): boolean => pattern.test(new URL(url).pathname);
const APPEND = /\/in\/append$/;
const CREATE = /^\/api\/v1\/sessions$/;

/** Hands on what fits, and leaves the rest to the good one. */
const lets = (fits: (request: Request) => boolean): Fault["make"] => ({ good, raw }) => (request) =>
  fits(request) ? raw(request) : good(request);

/** The good one's answers with other headers. */
const answering =
  (change: (headers: Headers, request: Request) => void): Fault["make"] => ({ good }) => async (request) => {
    const { body, status, headers: given } = await good(request);
    const headers = new Headers(given);
    change(headers, request);
    return new Response(body, { status, headers });
  };

/** Hands on as it came what is sent to a path and has a body that fits. */
const letsBodies =
  (path: RegExp, fits: (text: string) => boolean): Fault["make"] => ({ good, raw }) => async (request) => {
    if (!isPath(request, path) || request.method !== "POST") return good(request);
    const body = new Uint8Array(await request.arrayBuffer());
    const { url, method, headers } = request;
    const copy = new Request(url, { method, headers, body });
    return fits(new TextDecoder("utf-8", { ignoreBOM: true }).decode(body)) ? raw(copy) : good(copy);
  };

export const FAULTS: readonly Fault[] = [
  {
    name: "holds event streams back",
    found: ["stream"],
    make: ({ good }) => async (request) => {
      const response = await good(request);
      if (!isPath(request, /\/out$/) || !response.ok) return response;
      return new Response(await response.arrayBuffer(), response);
    },
  },
  {
    name: "lets a path in capitals through",
    found: ["paths"],
    make: lets((request) => isPath(request, /[A-Z]/) && isPath(request, /in\/append$|sessions$/i)),
  },
  {
    name: "lets an escaped path through",
    found: ["paths"],
    make: lets((request) => isPath(request, /%[46]/) && request.method === "POST"),
  },
  {
    name: "hands out the store's credentials",
    found: ["credentials"],
    make: lets((request) => request.method === "PUT" && isPath(request, /\/in$/)),
  },
  { name: "lets history be replaced", found: ["history"], make: lets((request) => isPath(request, /snapshot-url$/)) },
  {
    name: "searches no side channel",
    found: ["elsewhere"],
    make: lets((request) => isPath(request, /\/channels\/side\/in\/append$/)),
  },
  { name: "takes hand-overs", found: ["chat"], make: letsBodies(APPEND, (text) => text.includes('"handover"')) },
  {
    name: "does not stamp creations",
    found: ["create"],
    make: letsBodies(CREATE, (text) => text.startsWith("{") && text.includes('"forged"')),
  },
  {
    name: "does not stamp where there is no metadata",
    found: ["append"],
    make: letsBodies(APPEND, (text) => text.includes('"metadata":null')),
  },
  {
    name: "lets messages in strings through",
    found: ["bodies"],
    make: letsBodies(APPEND, (text) => text.startsWith('"') && text.includes("kind")),
  },
  {
    name: "guards nothing",
    found: ["credentials", "history", "elsewhere", "chat"],
    make: (making) => making.with({ guard: "off" }),
  },
  {
    name: "allows another page only",
    found: ["cors"],
    make: (making) => making.with({ cors: { origins: ["https://other.example.com"] } }),
  },
  {
    name: "allows whatever page asks",
    found: ["cors"],
    make: answering((headers, request) =>
      headers.set("access-control-allow-origin", request.headers.get("origin") ?? PAGE)
    ),
  },
  {
    name: "allows credentials",
    found: ["cors"],
    make: answering((headers) => headers.set("access-control-allow-credentials", "true")),
  },
  {
    name: "seals with a clock that is behind",
    found: ["clock"],
    make: (making) => making.with({ seal: signed({ key: making.key, now: () => Date.now() - 600_000 }) }),
  },
  {
    name: "answers with a date that is ahead",
    found: ["clock"],
    make: answering((headers) => headers.set("date", new Date(Date.now() + 600_000).toUTCString())),
  },
  {
    name: "seals nothing",
    found: ["seal"],
    make: ({ unsealed }) => unsealed,
  },
  {
    name: "serves other keys than it signs with",
    found: ["seal"],
    make: ({ good }) => async (request) => {
      const response = await good(request);
      if (!isPath(request, /jwks/)) return response;
      return Response.json(JSON.parse((await response.text()).replace(/"x":"./, '"x":"_')));
    },
  },
  {
    name: "returns the store's headers",
    found: ["answers"],
    make: answering((headers) => headers.set("x-s2-basin", "b")),
  },
  {
    name: "returns cookies",
    found: ["answers"],
    make: answering((headers) => headers.append("set-cookie", "session=1")),
  },
];

/** A deployment that listens. */
export interface Listening {
  readonly url: string;
  stop(): Promise<void>;
}

/** Options of a deployment in which everything holds. */
export const good = (upstream: string, key: string): Options => ({
  upstream,
  cors: { origins: [PAGE] },
  seal: signed({ key }),
});

/** Starts a deployment, with a fault or without. */
export async function deploy(
  upstream: string,
  key: string,
  make: Fault["make"] = (making) => making.good,
): Promise<Listening> {
  const trust = (): { asn: number } => ({ asn: 64496 });
  const having = (options: Options): Fetch => createProxy({ ...good(upstream, key), ...options, trust }).fetch;
  const { seal: _, ...open } = good(upstream, key);
  const unsealed = createProxy({ ...open, trust }).fetch;
  const raw: Fetch = async ({ url, method, headers: given, body }) => {
    const { pathname, search } = new URL(url);
    const headers = new Headers(given);
    for (const name of ["host", "connection", "transfer-encoding"]) headers.delete(name);
    const bytes = body === null ? null : new Uint8Array(await new Response(body).arrayBuffer());
    return await fetch(upstream + pathname + search, { method, headers, body: bytes, redirect: "manual" });
  };
  return await serve({ fetch: make({ good: having({}), upstream, raw, with: having, unsealed, key }) }, {
    host: "127.0.0.1",
    port: 0,
  });
}

/** Puts a server before `inner` that hands a Host that is not its own to the upstream, as it came. */
export async function leakHost(inner: Listening, upstream: string): Promise<Listening> {
  const server = createServer((incoming, outgoing) => {
    const { port } = server.address() as AddressInfo;
    const isOwn = incoming.headers.host === `127.0.0.1:${port}`;
    const to = new URL(isOwn ? inner.url : upstream);
    const headers = { ...incoming.headers, host: isOwn ? to.host : incoming.headers.host };
    const handedOn = httpRequest(
      { host: to.hostname, port: to.port, method: incoming.method, path: incoming.url, headers, setHost: false },
      (answer) => answer.pipe(outgoing.writeHead(answer.statusCode ?? 502, answer.headers)),
    );
    handedOn.on("error", () => outgoing.destroy());
    outgoing.on("close", () => handedOn.destroy());
    incoming.pipe(handedOn);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await inner.stop();
    },
  };
}
