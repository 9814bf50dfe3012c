/** The app's own packages: they are used where they are, and asked for where they are needed and missing. */

/** What executes runs: the SDK, and its parts that stand in for the platform. */
export const RUN_PEERS: readonly string[] = ["@trigger.dev/sdk/ai/test", "@trigger.dev/core/v3/test"];

/** What the demo's agent and tasks are made of, beyond that. */
export const DEMO_PEERS: readonly string[] = ["ai", "zod"];

/** Throws where chats cannot be executed: on Bun and Deno the stream store's client speaks HTTP/2, which nothing here does. */
export function requireNode(what: string): void {
  if ("Bun" in globalThis || "Deno" in globalThis) throw new Error(`Cannot ${what}: start it with Node`);
}

/** Throws where one of them cannot be imported from here. `what` is what cannot be done: "execute runs". */
export function requirePeers(what: string, specifiers: readonly string[]): void {
  const missing = new Set(specifiers.filter((specifier) => !isThere(specifier)).map(packageOf));
  if (missing.size > 0) throw new Error(`Cannot ${what}: npm install --save-dev ${[...missing].join(" ")}`);
}

/** Whether it can be imported from here. */
export function isThere(specifier: string): boolean {
  try {
    import.meta.resolve(specifier);
    return true;
  } catch {
    return false;
  }
}

function packageOf(specifier: string): string {
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
