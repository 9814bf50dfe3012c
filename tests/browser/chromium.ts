/** Debian's Chromium, driven by playwright-core. */

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
];

/** Where a Chromium is; `CHROMIUM` names another one. `undefined` where none is installed. */
export const executablePath = [process.env["CHROMIUM"], ...PLACES].find((path) =>
  path !== undefined && path !== "" && existsSync(path)
);

/** The reason for which tests in a browser are skipped, if they are. */
export const skip = executablePath === undefined
  ? "no Chromium is installed: `apt-get install -y chromium`, or name one with CHROMIUM"
  : false;

/** Starts it headless, with a profile of its own that is thrown away. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
