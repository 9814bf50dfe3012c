/**
 * Country, city, ASN and anonymous addresses from databases in MaxMind's format, for a machine of one's
 * own: Node, Bun or Deno. It takes the package `mmdb-lib`, which is not installed with this one.
 *
 * ```ts ignore
 * import { createProxy } from "edgestamp";
 * import { forwarded } from "edgestamp/forwarded";
 * import { mmdb } from "edgestamp/mmdb";
 *
 * const trust = await mmdb({
 *   files: ["/var/lib/GeoIP/GeoLite2-City.mmdb", "/var/lib/GeoIP/GeoLite2-ASN.mmdb"],
 *   address: forwarded({ trusted: ["127.0.0.1"] }),
 * });
 * createProxy({ trust });
 * ```
 *
 * @module
 */
import { readFile, stat } from "node:fs/promises";
import type { Platform } from "../src/trust.ts";
import { socket, type SocketProvider } from "./_socket.ts";
import { type FieldValue, toSignals } from "./signals.ts";

/** A signal that databases of this format have. */
export type MmdbField =
  | "ip"
  | "country"
  | "isEUCountry"
  | "continent"
  | "region"
  | "regionCode"
  | "city"
  | "postalCode"
  | "timezone"
  | "latitude"
  | "longitude"
  | "asn"
  | "asOrganization"
  | "isAnonymous"
  | "isAnonymousVpn"
  | "isHostingProvider"
  | "isPublicProxy"
  | "isResidentialProxy"
  | "isTorExitNode";

/** What a database or several say of an address. */
export type MmdbSignals = { readonly [F in MmdbField]?: FieldValue<F> | null };

/** What {@link mmdb} can be told. */
export interface MmdbOptions {
  /** Paths of the databases. Of what several know, the later one is taken. */
  readonly files: readonly string[];
  /** Where the caller's address comes from. Default: the socket. Behind a proxy: `forwarded`, or `headers` with a proof. */
  readonly address?: {
    readonly consumes?: readonly string[];
    read(request: Request, platform?: Platform): ReturnType<SocketProvider["read"]>;
  };
  /** How often a file is looked at for a change, in seconds. Default 60. */
  readonly checkSeconds?: number;
  /** Told of a changed file that cannot be used: what was read before stays in use. */
  readonly onError?: (error: Error) => void;
}

/** The provider, and what keeps it up to date. */
export interface MmdbProvider {
  readonly name: string;
  readonly consumes: readonly string[];
  read(request: Request, platform?: Platform): MmdbSignals;
  /** Looks at the files now. Resolves when what changed is in use; rejects for a file that cannot be used. */
  refresh(): Promise<void>;
  /** Stops looking at the files. */
  close(): void;
}

interface Reader {
  readonly metadata: { readonly databaseType?: string; readonly ipVersion?: number };
  get(address: string): unknown;
}

/** Read from `mmdb-lib` when it is needed; it wants a `Buffer`, which all three runtimes have. */
type Open = (bytes: Uint8Array) => Reader;

/**
 * Opens the databases. What a database does not know is left out, and `isAnonymous` and its kin are
 * `false` where a database of anonymous addresses has nothing of the address. A database of IPv4 alone
 * says nothing of an IPv6 address: give one for each, or one of both.
 *
 * Rejects with a `TypeError` of one line where `mmdb-lib` is not installed, and for a file that is
 * missing or no database.
 */
export async function mmdb(
  { files, address = socket(), checkSeconds = 60, onError }: MmdbOptions,
): Promise<MmdbProvider> {
  if (!Array.isArray(files) || files.length === 0) {
    throw new TypeError("Cannot use option `files`: give the path of at least one database");
  }
  if (!(checkSeconds > 0)) throw new TypeError("Cannot use option `checkSeconds`: give a number of seconds above 0");
  const databases = files.map((file) => new Database(file));
  const open = await loadLibrary();
  const refresh = async (): Promise<void> => void await Promise.all(databases.map((each) => each.refresh(open)));
  await refresh();
  const timer = setInterval(() => void refresh().catch(onError ?? (() => {})), checkSeconds * 1000);
  (timer as { unref?(): void }).unref?.();
  return {
    name: "mmdb",
    consumes: address.consumes ?? [],
    read(request, platform) {
      const { ip } = address.read(request, platform);
      return ip === undefined ? {} : Object.assign({ ip }, ...databases.map((each) => each.find(ip)));
    },
    refresh,
    close: () => clearInterval(timer),
  };
}

class Database {
  readonly #file: string;
  #version = "";
  #reader: Reader | undefined;
  #isAnonymous = false;
  #hasIpv6 = false;

  constructor(file: string) {
    this.#file = file;
  }

  /** Reads the file where it is not the one that was read. A file that is being written is no database yet: it is read again. */
  async refresh(open: Open): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#file);
      const version = [mtimeMs, size, ino].join();
      if (version === this.#version) return;
      const reader = open(await readFile(this.#file));
      const { databaseType, ipVersion } = reader.metadata;
      this.#reader = reader;
      this.#isAnonymous = databaseType?.includes("Anonymous-IP") === true;
      this.#hasIpv6 = ipVersion === 6;
      this.#version = version;
    } catch (cause) {
      const isMissing = (cause as { code?: unknown }).code === "ENOENT";
      const why = isMissing
        ? "there is no such file; download it, or mend the path"
        : "it is no database; download it again";
      throw new TypeError(`Cannot open the database "${this.#file}": ${why}`, { cause });
    }
  }

  find(ip: string): MmdbSignals {
    // In a tree of IPv4 the first 32 bits of an IPv6 address lead to a network that has nothing to do with it.
    if (!this.#hasIpv6 && ip.includes(":")) return {};
    const found = this.#reader?.get(ip) as Members | null | undefined;
    return this.#isAnonymous ? anonymityOf(found ?? {}) : found ? placeOf(found) : {};
  }
}

type Members = Readonly<Record<string, unknown>>;

function placeOf(record: Members): MmdbSignals {
  const country = object(record["country"]);
  const [subdivision] = Array.isArray(record["subdivisions"]) ? record["subdivisions"].map(object) : [];
  const location = object(record["location"]);
  return toSignals({
    // Some free databases have the code alone, at the top.
    country: country["iso_code"] ?? record["country_code"],
    isEUCountry: typeof country["iso_code"] === "string" ? country["is_in_european_union"] === true : undefined,
    continent: object(record["continent"])["code"],
    region: object(subdivision?.["names"])["en"],
    regionCode: subdivision?.["iso_code"],
    city: object(object(record["city"])["names"])["en"],
    postalCode: object(record["postal"])["code"],
    timezone: location["time_zone"],
    latitude: location["latitude"],
    longitude: location["longitude"],
    asn: record["autonomous_system_number"],
    asOrganization: record["autonomous_system_organization"],
  });
}

/** Members that say no are left out of these databases. */
function anonymityOf(record: Members): MmdbSignals {
  return {
    isAnonymous: record["is_anonymous"] === true,
    isAnonymousVpn: record["is_anonymous_vpn"] === true,
    isHostingProvider: record["is_hosting_provider"] === true,
    isPublicProxy: record["is_public_proxy"] === true,
    isResidentialProxy: record["is_residential_proxy"] === true,
    isTorExitNode: record["is_tor_exit_node"] === true,
  };
}

function object(value: unknown): Members {
  return typeof value === "object" && value !== null ? value as Members : {};
}

async function loadLibrary(): Promise<Open> {
  // Not a literal: whoever bundles this file without the package should still be able to.
  const name = "mmdb-lib";
  try {
    const { Reader } = await import(name) as { Reader: new (bytes: Uint8Array) => Reader };
    return (bytes) => new Reader(bytes);
  } catch (cause) {
    throw new TypeError("Cannot read databases: the package mmdb-lib is not installed; npm install mmdb-lib", {
      cause,
    });
  }
}
