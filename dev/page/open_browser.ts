/** Opens a URL in the browser of whoever sits before this machine, if anybody does. */

import { spawn } from "node:child_process";

type Environment = Readonly<Record<string, string | undefined>>;

/** The command that opens a URL; `undefined` where nobody would see it: in CI, over SSH, without a display or a terminal. */
export function opener(
  platform: NodeJS.Platform,
  env: Environment,
  isTerminal: boolean,
): readonly string[] | undefined {
  if (!isTerminal || env["CI"] || env["BROWSER"] === "none" || env["SSH_CONNECTION"]) return undefined;
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["cmd", "/c", "start", ""];
  return env["DISPLAY"] || env["WAYLAND_DISPLAY"] ? ["xdg-open"] : undefined;
}

export function openBrowser(url: string): void {
  const [command, ...args] = opener(process.platform, process.env, process.stdout.isTTY === true) ?? [];
  if (command === undefined) return;
  // The URL is printed, too: where no browser comes up, nothing is lost.
  spawn(command, [...args, url], { stdio: "ignore", detached: true }).on("error", () => {}).unref();
}
