/**
 * `edgestamp dev`: a local Trigger.dev, the proxy before it and a page to chat on, without an account or a network. Where
 * `TRIGGER_API_UPSTREAM` is set, the proxy alone, before that.
 *
 * @module
 */
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { Dev, DevOptions } from "../dev/mod.ts";
import { type ExitCode, type Terminal, Unusable } from "./terminal.ts";

const SEALS = ["none", "signed", "encrypted"] as const;

/** Each port: its option, the variable that `npm start` reads, and what it is else. */
const PORTS = {
  proxy: ["port", "PORT", "3000"],
  page: ["page-port", "PAGE_PORT", "5173"],
  upstream: ["upstream-port", "UPSTREAM_PORT", "3030"],
} as const;

/** What the command does, for `edgestamp dev --help`. */
export const HELP = `Usage: edgestamp dev [options]

Runs a local Trigger.dev, the proxy before it, and a page to chat on that shows what is stamped. No account, no network.
With the demo's agent it also walks through one conversation, and says what to type to go on by hand.
With TRIGGER_API_UPSTREAM set, it runs the proxy alone, before that, by the environment of the ready servers.

  --port <number>           the proxy's (PORT, 3000); 0 takes any free one
  --page-port <number>      the page's (PAGE_PORT, 5173)
  --upstream-port <number>  the local Trigger.dev's (UPSTREAM_PORT, 3030)
  --namespace <key>         the key that is stamped (EDGE_NAMESPACE, __cf)
  --seal <kind>             ${SEALS.join(", ")} (EDGE_SEAL, none); keys are new for each start
  --tasks <file>            a module that defines your agent, instead of the demo's
  --agent <id>              that agent's id
  --file <file>             keeps sessions and runs over restarts (UPSTREAM_FILE)
  --no-open                 opens no browser

Agents run with your own @trigger.dev/sdk, ai and zod.`;

const OPTIONS = {
  port: { type: "string" },
  "page-port": { type: "string" },
  "upstream-port": { type: "string" },
  namespace: { type: "string" },
  seal: { type: "string" },
  tasks: { type: "string" },
  agent: { type: "string" },
  file: { type: "string" },
  "no-open": { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

/** Runs the command until it is interrupted. Throws `Unusable`, or a `TypeError` of one line, for what cannot be used. */
export async function run(args: string[], { stdout, env }: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (env["TRIGGER_API_UPSTREAM"]) return await proxyAlone(env, readPort("proxy", values, env));
  const options = readOptions(values, env);
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  let isEnding = false;
  void stopped.then(() => isEnding = true);
  const dev = await start(options);
  stdout.write(announcement(dev, options));
  if (!values["no-open"]) (await import("../dev/page/open_browser.ts")).openBrowser(dev.pageUrl);
  // The demo's agent is shown at work. What an agent of somebody's own should be asked, they know themselves.
  if (options.agent === undefined) await Promise.race([showAround(dev, options, stdout, () => isEnding), stopped]);
  await stopped;
  await dev.close();
  return 0;
}

/** A walk through one conversation, and how to go on by hand. A walk that fails is said, and ends nothing. */
async function showAround(
  dev: Dev,
  { namespace = "__cf" }: DevOptions,
  stdout: Terminal["stdout"],
  isEnding: () => boolean,
): Promise<void> {
  const { invitation, walk } = await import("../dev/walk.ts");
  const print = (line: string): void => void stdout.write(`${line}\n`);
  try {
    const sealedStart = "edgestamp dev --seal signed";
    print(invitation({ ...dev, namespace }, await walk({ ...dev, namespace, sealedStart, print })));
  } catch (error) {
    // Whoever ends it in the middle of its walk has seen enough.
    if (!isEnding()) print(`The walk ended early: ${(error as Error).message}`);
  }
}

async function start(options: DevOptions): Promise<Dev> {
  const { startDev } = await import("../dev/mod.ts");
  try {
    return await startDev(options);
  } catch (error) {
    const { code, port, message } = error as NodeJS.ErrnoException & { port?: number };
    if (code === "EADDRINUSE") {
      throw new Unusable(`Cannot listen on port ${port}: it is taken; ${mendOf(port, options)}`);
    }
    if (message.startsWith("Cannot ")) throw new Unusable(message);
    throw error;
  }
}

function mendOf(port: number | undefined, { ports = {} }: DevOptions): string {
  const owner = (Object.keys(PORTS) as (keyof typeof PORTS)[]).find((name) => ports[name] === port);
  return `give another with --${PORTS[owner ?? "proxy"][0]}`;
}

function announcement({ pageUrl, proxyUrl, local }: Dev, { agent }: DevOptions): string {
  // The demo's walk says it by example.
  const invitation = agent === undefined ? "" : `
Chat with ${agent.id} on the page, which also plays the edge: it chooses the bot score and the country.
In a test or by hand, two headers of a call to the proxy do: x-play-bot-score (1 to 99), x-play-country (NL).
`;
  return `The page                ${pageUrl}
edgestamp               ${proxyUrl}
Trigger.dev, locally    ${local.url} (secret key ${local.environment.secretKey})
${invitation}
Ctrl-C ends all three.
`;
}

function readOptions(values: Values, env: Terminal["env"]): DevOptions {
  const wanted = values.seal ?? (env["EDGE_SEAL"] || "none");
  const seal = SEALS.find((kind) => kind === wanted);
  if (seal === undefined) throw new Unusable(`Cannot use --seal: give one of ${SEALS.join(", ")}`);
  if ((values.tasks === undefined) !== (values.agent === undefined)) {
    throw new Unusable("Cannot run an agent of yours: give both its module, with --tasks, and its id, with --agent");
  }
  const file = values.file ?? (env["UPSTREAM_FILE"] || undefined);
  return {
    seal,
    namespace: values.namespace ?? (env["EDGE_NAMESPACE"] || "__cf"),
    ports: {
      proxy: readPort("proxy", values, env),
      page: readPort("page", values, env),
      upstream: readPort("upstream", values, env),
    },
    ...(values.tasks !== undefined && values.agent !== undefined &&
      { agent: { tasks: pathToFileURL(path.resolve(values.tasks)), id: values.agent } }),
    ...(file !== undefined && { file }),
  };
}

function readPort(what: keyof typeof PORTS, values: Values, env: Terminal["env"]): number {
  const [option, variable, normal] = PORTS[what];
  const text = values[option] ?? (env[variable] || normal);
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new Unusable(`Cannot use --${option}: give a number from 0 to 65535`);
  }
  return Number(text);
}

/** The ready-made server on Node; on this machine alone, unless `HOST` says otherwise. It ends its process itself. */
async function proxyAlone(env: Terminal["env"], port: number): Promise<never> {
  const { serve } = await import("../adapters/node.ts");
  const { runUntilStopped } = await import("../adapters/_server.ts");
  await runUntilStopped((proxy, options) =>
    serve(proxy, { ...options, port, ...(env["HOST"] ? {} : { host: "127.0.0.1" }) })
  );
  return await new Promise<never>(() => {});
}
