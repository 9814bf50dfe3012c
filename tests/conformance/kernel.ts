/**
 * What the kernel holds of what was written and not yet read: Linux says it of every TCP connection
 * (proc(5), `/proc/net/tcp`). So what a proxy itself holds can be told from what lies in socket buffers.
 */
import { readFileSync } from "node:fs";

/** Whether the kernel can be asked here. */
export const CAN_ASK: boolean = process.platform === "linux";

/** One TCP connection of this machine, as one of its ends has it. */
interface Connection {
  readonly local: number;
  readonly remote: number;
  readonly state: string;
  readonly queued: number;
}

const ESTABLISHED = "01";

/** The bytes in the queues, both ways, of all connections that have one of `ports` at either end. */
export function queuedBytes(ports: readonly number[]): number {
  const wanted = new Set(ports);
  return connections().filter(({ local, remote }) => wanted.has(local) || wanted.has(remote))
    .reduce((sum, { queued }) => sum + queued, 0);
}

/** How many connections are open that were made to one of `ports`. */
export function openTo(ports: readonly number[]): number {
  const wanted = new Set(ports);
  return connections().filter(({ local, state }) => wanted.has(local) && state === ESTABLISHED).length;
}

function connections(): Connection[] {
  return readFileSync("/proc/net/tcp", "latin1").trim().split("\n").slice(1).map((line) => {
    const [, local, remote, state, queues] = line.trim().split(/\s+/) as [string, string, string, string, string];
    const [sent, received] = queues.split(":") as [string, string];
    const queued = Number.parseInt(sent, 16) + Number.parseInt(received, 16);
    return { local: portOf(local), remote: portOf(remote), state, queued };
  });
}

function portOf(address: string): number {
  return Number.parseInt(address.split(":")[1]!, 16);
}
