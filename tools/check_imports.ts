// deno-lint-ignore-file no-console -- it speaks to whoever runs it
/**
 * The house's one direction: no import runs back up, from a neutral room to one that knows a platform,
 * or from the core to what is optional. `node tools/check_imports.ts` names each that does.
 *
 * @module
 */
import path from "node:path";
import process from "node:process";
import { cyclesOf, type ModuleGraph, readGraph } from "./module_graph.ts";

/** The rooms that are held to a direction. */
export const SHIPPED = "{mod.ts,src/**/*.ts,adapters/**/*.ts,cli/**/*.ts}";

/** One rule: files under `from` import nothing that `to` matches, but for `except`. */
interface Rule {
  readonly from: RegExp;
  readonly to: RegExp;
  readonly except?: RegExp;
  readonly because: string;
}

const SUBPATHS = "(?:admit|agent|client|pass|ready|seal|server|verdicts|watch)";

const RULES: readonly Rule[] = [
  {
    from: /^mod\.ts$/,
    to: /./,
    except: new RegExp(`^src/(?!${SUBPATHS}\\.)\\w+\\.ts$`),
    because: "the front door only re-exports the core",
  },
  {
    from: /^src\//,
    to: /^(?:mod\.ts|adapters|cli|dev|tests|tools|bench|examples)/,
    because: "src/ is below every other room",
  },
  {
    from: /^src\//,
    to: /^(?!src\/)/,
    except: /^(?:itty-router(?:\/IttyRouter)?|jose|valibot)$/,
    because: "src/ needs nothing but web standards and these three libraries",
  },
  {
    from: new RegExp(`^src/(?!${SUBPATHS}[./])`),
    to: new RegExp(`^(?:jose$|src/${SUBPATHS}[./])`),
    because: "the core costs nothing of what is optional: it knows the interfaces in src/ports.ts",
  },
  {
    from: new RegExp(`^src/${SUBPATHS}[./]`),
    to: /^src\/(?:proxy|call|stamped|forward|options|routes|splice|stamp|tripwire|cors)\.ts$/,
    because: "what is optional is told what it needs: it knows no step of a request's way",
  },
  {
    from: /^src\/\w+\//,
    to: /^src\/\w+\.ts$/,
    except: /^src\/(?:body|errors|events|limits|ports|tokens|trust)\.ts$/,
    because: "a room behind a front door goes not through it, nor through another's",
  },
  {
    from: /^adapters\//,
    to: /^src\//,
    except: /^src\/(?:cors|errors|events|guard|limits|options|pieces|ports|proxy|ready|seal|tokens|trust|watch)\.ts$/,
    because: "no adapter knows a route, a body or a stamp",
  },
  { from: /^adapters\//, to: /^(?:mod\.ts|cli|dev|tests|tools|bench|examples)/, because: "adapters/ is below them" },
  { from: /^(?:cli|dev)\//, to: /^(?:tests|tools|bench|examples)/, because: "what is shipped needs no workshop" },
];

/** What breaks a rule, one sentence each; and the rings. */
export function problemsOf(graph: ModuleGraph): string[] {
  const wrong = [...graph].flatMap(([file, imports]) =>
    RULES.filter(({ from }) => from.test(file)).flatMap(({ to, except, because }) =>
      imports
        .filter((step) => to.test(step.to) && !except?.test(step.to))
        .map((step) => `${file} imports ${step.to}: ${because}`)
    )
  );
  return [...wrong, ...cyclesOf(graph).map((ring) => `a ring of imports: ${ring.join(" > ")}`)];
}

/** Looks at a whole tree. In dev/, whose records know each other, only values may not go in rings. */
export function problemsIn(root: string): string[] {
  const dev = readGraph(root, "dev/**/*.{ts,tsx}");
  return [
    ...problemsOf(readGraph(root, SHIPPED)),
    ...cyclesOf(dev, (step) => !step.typesOnly).map((ring) => `a ring of imports: ${ring.join(" > ")}`),
  ];
}

if (import.meta.main) {
  const problems = problemsIn(path.join(import.meta.dirname, ".."));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
