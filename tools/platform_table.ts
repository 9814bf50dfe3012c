/**
 * Prints the table "platform × field × trust" of docs/platforms.md from the providers themselves: each
 * is given everything that its platform can say, and what it reads of that is its column.
 *
 * @module
 */
import { akamai } from "../adapters/akamai.ts";
import { cloudflare } from "../adapters/cloudflare.ts";
import { CLOUDFLARE_FIELDS } from "../adapters/_cloudflare_fields.ts";
import { cloudflareOrigin } from "../adapters/cloudflare_origin.ts";
import { cloudfront } from "../adapters/cloudfront.ts";
import { denoDeploy } from "../adapters/deno.ts";
import { fastlyCompute } from "../adapters/fastly_compute.ts";
import { FASTLY_MAP, fastlyHeaders } from "../adapters/fastly.ts";
import { fly } from "../adapters/fly.ts";
import { CADDY_MAP, ENVOY_MAP, HAPROXY_MAP, headers, NGINX_MAP } from "../adapters/headers.ts";
import { lambda } from "../adapters/lambda.ts";
import type { MmdbField } from "../adapters/mmdb.ts";
import { netlify } from "../adapters/netlify.ts";
import { type FieldName, FIELDS, type Kind } from "../adapters/_fields.ts";
import { vercel } from "../adapters/vercel.ts";
import type { Platform, Signals } from "../src/trust.ts";

/** How far a signal is believed: see the table's legend. */
type Trust = "P" | "H" | "S";

interface Provider {
  readonly consumes?: readonly string[];
  read(request: Request, platform?: Platform): unknown;
}

interface Column {
  readonly title: string;
  readonly trust: Trust;
  /** Footnotes by field. */
  readonly notes?: { readonly [field in FieldName]?: string };
  fields(): Promise<readonly string[]>;
}

const JA3 = "cd08e31494f9531f560d64c695473da9";
const JA4 = "t13d1516h2_8daaf6152771_b186095e22b6";

/** A value of each kind, as a header has it. */
const SAMPLES: Readonly<Record<Kind, string>> = {
  string: "x",
  text: "x",
  percent: "x",
  number: "1",
  integer: "1",
  boolean: "true",
  botScore: "50",
  botScoreFromHuman: "50",
  country: "BR",
  asn: "64496",
  ja3: JA3,
  ja4: JA4,
  ip: "198.51.100.7",
};

const ASSUMED = { assumeTopology: true } as const;

async function named(signals: unknown): Promise<readonly string[]> {
  return Object.entries(await signals as Signals & object).filter(([, value]) => value !== null).map(([name]) => name);
}

/** What a provider that reads headers makes of a request that has all of its own, each as some field would have it. */
async function fromHeaders(provider: Provider, particular: Readonly<Record<string, string>> = {}) {
  const found = new Set<string>();
  for (const sample of new Set(Object.values(SAMPLES))) {
    const given = new Headers();
    for (const name of provider.consumes!) given.set(name, particular[name] ?? sample);
    for (const field of await named(provider.read(new Request("https://p.example/", { headers: given })))) {
      found.add(field);
    }
  }
  return [...found];
}

const plain = new Request("https://p.example/");

function withCf(): Request {
  const request = new Request("https://p.example/", { headers: { "cf-connecting-ip": "198.51.100.7" } });
  const text = ["country", "continent", "region", "regionCode", "city", "postalCode", "timezone", "asOrganization"];
  const connection = ["colo", "tlsVersion", "tlsCipher", "httpProtocol", "verifiedBotCategory"];
  const botManagement = {
    score: 50,
    verifiedBot: true,
    corporateProxy: true,
    ja3Hash: JA3,
    ja4: JA4,
    jsDetection: { passed: true },
  };
  const cf = Object.fromEntries([...text, ...connection].map((name) => [name, "x"]));
  return Object.defineProperty(request, "cf", {
    value: { ...cf, asn: 1, isEUCountry: "1", latitude: "1", longitude: "1", botManagement },
  });
}

const NETLIFY = {
  ip: "198.51.100.7",
  geo: {
    city: "x",
    country: { code: "BR" },
    subdivision: { code: "x", name: "x" },
    postalCode: "x",
    latitude: 1,
    longitude: 1,
    timezone: "x",
  },
};

const FASTLY = {
  client: {
    address: "198.51.100.7",
    geo: {
      country_code: "BR",
      continent: "x",
      region: "x",
      city: "x",
      postal_code: "x",
      latitude: 1,
      longitude: 1,
      as_number: 1,
      as_name: "x",
      proxy_type: "x",
      proxy_description: "x",
    },
    tlsJA3MD5: JA3,
    tlsJA4: JA4,
    tlsProtocol: "x",
    tlsCipherOpensslName: "x",
  },
};

const EDGESCAPE = "country_code=BR,region_code=x,city=x,zip=x,continent=x,timezone=x,lat=1,long=1,asnum=1,network=x";

const VERCEL = [
  "ip",
  "country",
  "regionCode",
  "city",
  "continent",
  "postalCode",
  "timezone",
  "latitude",
  "longitude",
  "asn",
  "ja3",
  "ja4",
] as const;

const MODULE = { country: "¹", city: "¹", asn: "¹", asOrganization: "¹" } as const;
const BOTS = { botScore: "⁴", verifiedBot: "⁴", verifiedBotCategory: "⁴", jsDetectionPassed: "⁴", corporateProxy: "⁴" };

const COLUMNS: readonly Column[] = [
  {
    title: "Workers",
    trust: "P",
    notes: { ...BOTS, ja3: "⁴", ja4: "⁴" },
    fields: () => named(cloudflare({ fields: Object.keys(CLOUDFLARE_FIELDS) as "ip"[] }).read(withCf())),
  },
  {
    title: "Deno Deploy",
    trust: "P",
    fields: () =>
      named(
        denoDeploy({ fields: ["ip"], env: {} }).read(plain, { info: { remoteAddr: { hostname: "198.51.100.7" } } }),
      ),
  },
  { title: "Fastly Compute", trust: "P", fields: () => named(fastlyCompute().read(plain, { info: FASTLY })) },
  {
    title: "Vercel",
    trust: "H",
    notes: { asn: "³" },
    fields: () => fromHeaders(vercel({ fields: VERCEL, ...ASSUMED })),
  },
  { title: "Netlify", trust: "P", fields: () => named(netlify().read(plain, { info: NETLIFY })) },
  {
    title: "Lambda",
    trust: "P",
    fields: () => named(lambda().read(plain, { info: { requestContext: { http: { sourceIp: "198.51.100.7" } } } })),
  },
  { title: "Fly", trust: "H", fields: () => fromHeaders(fly(ASSUMED)) },
  {
    title: "Cloudflare → origin",
    trust: "S",
    notes: { botScore: "⁴", verifiedBot: "⁴", ja3: "⁴", ja4: "⁴" },
    fields: () => everyHeader((names) => cloudflareOrigin({ headers: names as ["cf-ja4"], ...ASSUMED }), "cf-ja4"),
  },
  {
    title: "CloudFront",
    trust: "S",
    fields: () =>
      everyHeader(
        (names) => cloudfront({ headers: names as ["cloudfront-viewer-asn"], ...ASSUMED }),
        "cloudfront-viewer-asn",
        { "cloudfront-viewer-address": "198.51.100.7:1", "cloudfront-viewer-tls": "TLSv1.3:x:y" },
      ),
  },
  {
    title: "Akamai",
    trust: "S",
    notes: { botScore: "⁵", botName: "⁵" },
    fields: () =>
      everyHeader((names) => akamai({ headers: names as ["akamai-bot"], ...ASSUMED }), "akamai-bot", {
        "x-akamai-edgescape": EDGESCAPE,
        "akamai-bot": "x (1):monitor:x:50:strict",
      }),
  },
  {
    title: "Fastly VCL",
    trust: "S",
    notes: { botName: "⁴", botCategory: "⁴" },
    fields: () => fromHeaders(fastlyHeaders({ map: FASTLY_MAP, ...ASSUMED })),
  },
  ...([["nginx", NGINX_MAP], ["HAProxy", HAPROXY_MAP], ["Envoy", ENVOY_MAP], ["Caddy", CADDY_MAP]] as const).map(
    ([title, map]): Column => ({
      title,
      trust: "S",
      notes: MODULE,
      fields: () => fromHeaders(headers({ map, ...ASSUMED })),
    }),
  ),
  {
    title: "socket, mmdb",
    trust: "P",
    notes: Object.fromEntries(Object.keys(FIELDS).filter((field) => field !== "ip").map((field) => [field, "²"])),
    // What a database has is its maker's choice: these are what its format's own databases can have.
    fields: () => Promise.resolve(Object.keys(MMDB)),
  },
];

/** All of them, which the compiler holds to the type. */
const MMDB: Readonly<Record<MmdbField, true>> = {
  ip: true,
  country: true,
  isEUCountry: true,
  continent: true,
  region: true,
  regionCode: true,
  city: true,
  postalCode: true,
  timezone: true,
  latitude: true,
  longitude: true,
  asn: true,
  asOrganization: true,
  isAnonymous: true,
  isAnonymousVpn: true,
  isHostingProvider: true,
  isPublicProxy: true,
  isResidentialProxy: true,
  isTorExitNode: true,
};

/** A provider that is told its headers by name, told all that it knows. */
async function everyHeader(
  make: (names: readonly string[]) => Provider,
  one: string,
  particular: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const known = make([one]).consumes!.filter((name) => {
    try {
      return make([name]) !== undefined;
    } catch {
      return false;
    }
  });
  return await fromHeaders(make(known), particular);
}

/** The table in Markdown: a row for each field of the vocabulary, a column for each platform. */
export async function platformTable(): Promise<string> {
  const columns = await Promise.all(COLUMNS.map(async (column) => ({ ...column, has: await column.fields() })));
  const rows = (Object.keys(FIELDS) as FieldName[]).map((field) => {
    const cells = columns.map(({ trust, notes, has }) => has.includes(field) ? `${trust}${notes?.[field] ?? ""}` : "");
    return `| \`${field}\` | ${cells.join(" | ")} |`;
  });
  const titles = columns.map(({ title }) => title);
  return [`| | ${titles.join(" | ")} |`, `|---|${titles.map(() => "---").join("|")}|`, ...rows].join("\n");
}

// deno-lint-ignore no-console -- it speaks to whoever runs it
if (import.meta.main) console.log(await platformTable());
