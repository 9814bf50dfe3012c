/**
 * Draws a request's way through the proxy from the code itself: the routes as `src/routes.ts` lists them,
 * what becomes of each as `src/guard.ts` judges it, and at each step the refusals that its file can throw.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { Refusal, type RefusalCode, REFUSALS } from "../src/errors.ts";
import { guardHead, type GuardSetting } from "../src/guard.ts";
import { PLACES, type Route, ROUTES } from "../src/routes.ts";
import type { Caller } from "../src/tokens.ts";

const ROOT = path.join(import.meta.dirname, "..");
const METHODS = ["GET", "POST", "PUT"] as const;

/** One step of the way: its name in the picture, what is done there, and the files that do it. */
interface Step {
  readonly id: string;
  readonly does: string;
  readonly files: readonly string[];
}

/** The order of `src/proxy.ts`, `src/stamped.ts` and `src/plugs.ts`. */
const BEFORE: readonly Step[] = [
  { id: "arrive", does: "head: method, Host, size", files: ["src/proxy.ts"] },
  { id: "match", does: "match the path as Trigger.dev's router would", files: ["src/routes.ts"] },
];
const STAMPED: readonly Step[] = [
  { id: "read", does: "read the body whole", files: ["src/body.ts"] },
  { id: "scan", does: "scan it for the place", files: ["src/scan.ts", "src/shapes.ts"] },
  { id: "payload", does: "guard the payload", files: ["src/guard.ts"] },
  { id: "signals", does: "read the signals, with a pass", files: ["src/trust.ts", "src/pass.ts", "src/pass/token.ts"] },
  { id: "admit", does: "admit by the signals", files: ["src/plugs.ts"] },
  { id: "stamp", does: "make the stamp, splice it in", files: ["src/stamp.ts", "src/splice.ts"] },
];
const SEARCHED: readonly Step[] = [{ id: "search", does: "search it for the namespace", files: ["src/tripwire.ts"] }];
const AFTER: readonly Step[] = [
  { id: "forward", does: "send it to the one upstream", files: ["src/heads.ts", "src/forward.ts", "src/call.ts"] },
];

/** The steps that the picture has. */
const STEPS: readonly Step[] = [...BEFORE, ...STAMPED, ...SEARCHED, ...AFTER];

/** The codes that a file names. */
function codesIn(file: string): RefusalCode[] {
  const text = readFileSync(path.join(ROOT, file), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
  return [...new Set([...text.matchAll(/"(edge_\w+)"/g)].map(([, code]) => code as RefusalCode))];
}

/** What says that an option is missing, or that something is broken, belongs to no step. */
const NOT_DRAWN = /internal|misconfigured|not_enabled|not_ready/;

/** The codes of a step, with their statuses, but for those that the guard has drawn already. */
function refusalsOf({ files }: Step): string[] {
  const before = codesOfGuard();
  const codes = [...new Set(files.flatMap(codesIn))].filter((code) => !NOT_DRAWN.test(code) && !before.includes(code));
  return codes.map((code) => `${REFUSALS[code][0]} ${code.replace("edge_", "")}`);
}

/** What becomes of a call, in the words of the tables. */
function outcome(route: Route, method: string, caller: Caller, guard: GuardSetting): string {
  try {
    guardHead(guard, caller, route.name, method);
  } catch (error) {
    if (error instanceof Refusal) return `refused: \`${error.code}\``;
    throw error;
  }
  if (route.path.startsWith("/.")) return "answered here";
  if (method === "POST" && (route.name === "create" || route.name === "append")) {
    return `stamped: \`${PLACES[route.name].join(".")}\``;
  }
  if (method === "GET") return "streams, untouched";
  return caller === "server" || guard === "off" ? "passes" : "passes, once searched";
}

/** The table of routes, one row for each call that they are made for. */
export function routeTable(): string {
  const uses: Readonly<Record<string, readonly string[]>> = {
    create: ["POST"],
    append: ["POST"],
    channel: ["GET", "PUT"],
    records: ["GET"],
    snapshot: ["PUT"],
    "end-and-continue": ["POST"],
    pass: ["POST"],
    other: METHODS,
  };
  const rows = [...ROUTES, { name: "other", path: "everything else" } as const].flatMap((route) =>
    (uses[route.name] ?? ["GET"]).map((method) =>
      `| \`${method}\` | ${route.path.startsWith("/") ? `\`${route.path}\`` : route.path} | ${
        outcome(route, method, "public", "standard")
      } | ${outcome(route, method, "public", "chat")} | ${outcome(route, method, "server", "standard")} |`
    )
  );
  return [
    '| method | path | public token | public token, `guard: "chat"` | server token |',
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** The picture, as GitHub draws it. */
export function diagram(): string {
  const lines = ["flowchart TD", "  browser([a browser, or the app's server])"];
  const chain = (from: string, steps: readonly Step[], label = ""): string =>
    steps.reduce((before, step, i) => {
      lines.push(`  ${before} -->${i === 0 && label !== "" ? `|${label}|` : ""} ${step.id}["${step.does}"]`);
      const refusals = refusalsOf(step);
      if (refusals.length > 0) lines.push(`  ${step.id} -.-> ${step.id}_no[/"${refusals.join("<br>")}"/]:::refused`);
      return step.id;
    }, from);
  const matched = chain("browser", BEFORE);
  lines.push(`  ${matched} --> guard{"guard: may this token?"}`);
  const refused = codesOfGuard().map((code) => `${REFUSALS[code][0]} ${code.replace("edge_", "")}`);
  lines.push(`  guard -.-> guard_no[/"${refused.join("<br>")}"/]:::refused`);
  const stamped = chain("guard", STAMPED, "a creation, a message");
  const searched = chain("guard", SEARCHED, "another body of a public token");
  chain(stamped, AFTER);
  lines.push(`  ${searched} --> forward`, "  guard -->|a read, or a server's body| forward");
  lines.push("  guard -->|the proxy's own paths| cors", "  forward --> upstream([Trigger.dev]) --> cors");
  lines.push('  cors["dress the answer: CORS, headers dropped"] --> answered([the caller])');
  lines.push("  classDef refused fill:none,stroke-dasharray:3");
  return lines.join("\n");
}

/** The codes by which the guard refuses a call before its body is read. */
function codesOfGuard(): RefusalCode[] {
  const codes = new Set<RefusalCode>();
  for (const guard of ["standard", "chat"] as const) {
    for (const { name } of [...ROUTES, { name: "other" } as const]) {
      for (const method of METHODS) {
        try {
          guardHead(guard, "public", name, method);
        } catch (error) {
          codes.add((error as Refusal).code);
        }
      }
    }
  }
  return [...codes];
}

/** The codes that are not in the picture and should be. */
export function missingCodes(): string[] {
  const drawn = new Set<string>([...STEPS.flatMap(({ files }) => files.flatMap(codesIn)), ...codesOfGuard()]);
  return Object.keys(REFUSALS).filter((code) => !drawn.has(code) && !NOT_DRAWN.test(code));
}
