/**
 * What the kernel holds of what was written and not yet read: Linux says it of every TCP connection
 * (proc(5), `/proc/net/tcp`). So what a proxy itself holds can be told from what lies in socket buffers.
 */
import { readFileSync } from "node:fs";

/** Whether the kernel can be asked here. */
export const CAN_ASK: boolean = process.platform === "linux";

/** The bytes in the queues, both ways, of all connections of this machine that have one of `ports` at either end. */
export function queuedBytes(ports: readonly number[]): number {
  const wanted = new Set(ports);
  let sum = 0;
  for (const line of readFileSync("/proc/net/tcp", "latin1").split("\n").slice(1)) {
    const [, local, remote, , queues] = line.trim().split(/\s+/);
    if (queues === undefined) continue;
    if (!wanted.has(portOf(local!)) && !wanted.has(portOf(remote!))) continue;
    const [sent, received] = queues.split(":") as [string, string];
    sum += Number.parseInt(sent, 16) + Number.parseInt(received, 16);
  }
  return sum;
}

function portOf(address: string): number {
  return Number.parseInt(address.split(":")[1]!, 16);
}
