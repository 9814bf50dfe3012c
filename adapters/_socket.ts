/**
 * The caller's address from the connection itself: what a server knows that stands in front.
 *
 * @module
 */
import type { Platform } from "../src/trust.ts";
import { parseIp } from "./_ip.ts";

/** A provider that reads the address of the connection. */
export interface SocketProvider {
  readonly name: string;
  read(request: Request, platform?: Platform): { readonly ip?: string };
}

/**
 * Reads `ip` from the socket: Bun's server, Deno's handler info or Node's request, whichever
 * `platform.info` is. No header is looked at, so behind another proxy this is that proxy's address.
 * Where there is no address (a Unix socket, a caller that is gone) the field is left out.
 */
export function socket(): SocketProvider {
  return {
    name: "socket",
    read(request, platform) {
      const address = addressOf(request, platform?.info);
      const ip = address === undefined ? undefined : parseIp(address);
      return ip === undefined ? {} : { ip };
    },
  };
}

/** The members are asked for one by one: Deno's are getters on a prototype, and a copy would have none. */
interface Info {
  requestIP?(request: Request): { readonly address: string } | null;
  readonly remoteAddr?: { readonly hostname?: string };
  readonly socket?: { readonly remoteAddress?: string };
}

function addressOf(request: Request, info: unknown): string | undefined {
  if (typeof info !== "object" || info === null) return undefined;
  const { requestIP, remoteAddr, socket } = info as Info;
  if (typeof requestIP === "function") return requestIP.call(info, request)?.address;
  return remoteAddr?.hostname ?? socket?.remoteAddress;
}
