/**
 * `node:test` for a runtime that has none: suites, tests, hooks and subtests, run one after another.
 * A run in which no test was found fails, for a bundler that drops the test files would look like
 * success.
 */

type Work = (context: Context) => unknown;
type Hook = () => unknown;

interface Options {
  readonly skip?: boolean | string;
  readonly timeout?: number;
}

/** What a test is given. */
export interface Context {
  readonly name: string;
  test(name: string, ...rest: readonly (Options | Work)[]): Promise<void>;
  diagnostic(message: string): void;
}

interface Suite {
  readonly name: string;
  /** Registers what is in it: called when its turn comes, for at load time workerd allows neither timers nor randomness. */
  readonly fill: () => unknown;
  readonly hooks: Readonly<Record<"before" | "after" | "beforeEach" | "afterEach", Hook[]>>;
  readonly items: (Suite | Test)[];
}

interface Test {
  readonly name: string;
  readonly options: Options;
  readonly work: Work;
}

/** How a run went. */
export interface Summary {
  passed: number;
  failed: number;
  skipped: number;
  /** Names and errors of what failed. */
  readonly failures: string[];
}

function suiteOf(name: string, fill: () => unknown): Suite {
  return { name, fill, hooks: { before: [], after: [], beforeEach: [], afterEach: [] }, items: [] };
}

// Test files register themselves as they are loaded: the one place where they can meet.
const registry: { current: Suite } = { current: suiteOf("", () => {}) };
const ROOT = registry.current;

/** Registers a suite. */
export function describe(name: string, ...rest: readonly (Options | Hook)[]): void {
  registry.current.items.push(suiteOf(name, rest.at(-1) as () => unknown));
}

/** Registers a test. */
export function test(name: string, ...rest: readonly (Options | Work)[]): void {
  registry.current.items.push(toTest(name, rest));
}

test.skip = (name: string): void => test(name, { skip: true }, () => {});

export const it = test;
export const suite = describe;
export const before = (hook: Hook): void => void registry.current.hooks.before.push(hook);
export const after = (hook: Hook): void => void registry.current.hooks.after.push(hook);
export const beforeEach = (hook: Hook): void => void registry.current.hooks.beforeEach.push(hook);
export const afterEach = (hook: Hook): void => void registry.current.hooks.afterEach.push(hook);
export default test;

function toTest(name: string, rest: readonly (Options | Work)[]): Test {
  const work = rest.at(-1);
  if (typeof work !== "function") throw new TypeError(`the test ${name} has no function`);
  return { name, options: rest.length > 1 ? rest[0] as Options : {}, work };
}

/** Runs everything that was registered. */
export async function run(): Promise<Summary> {
  const summary: Summary = { passed: 0, failed: 0, skipped: 0, failures: [] };
  await runSuite(ROOT, "", [], [], summary);
  return summary;
}

async function runSuite(
  suite: Suite,
  path: string,
  first: readonly Hook[],
  last: readonly Hook[],
  summary: Summary,
): Promise<void> {
  const here = [path, suite.name].filter((part) => part !== "").join(" > ");
  const beforeEach = [...first, ...suite.hooks.beforeEach];
  const afterEach = [...suite.hooks.afterEach, ...last];
  try {
    registry.current = suite;
    await suite.fill();
    for (const hook of suite.hooks.before) await hook();
    for (const item of suite.items) {
      if ("items" in item) await runSuite(item, here, beforeEach, afterEach, summary);
      else await runTest(item, here, beforeEach, afterEach, summary);
    }
    for (const hook of suite.hooks.after) await hook();
  } catch (error) {
    note(summary, `${here} (hook)`, error);
  }
}

async function runTest(
  { name, options, work }: Test,
  path: string,
  first: readonly Hook[],
  last: readonly Hook[],
  summary: Summary,
): Promise<void> {
  const here = `${path} > ${name}`;
  if (options.skip) {
    summary.skipped++;
    return;
  }
  const failedBefore = summary.failed;
  try {
    for (const hook of first) await hook();
    await work({
      name,
      test: (inner, ...rest) => runTest(toTest(inner, rest), here, [], [], summary),
      diagnostic: (message) => console.log(message),
    });
    for (const hook of last) await hook();
    if (summary.failed === failedBefore) summary.passed++;
  } catch (error) {
    note(summary, here, error);
  }
}

function note(summary: Summary, where: string, error: unknown): void {
  summary.failed++;
  summary.failures.push(`${where}\n${error instanceof Error ? error.stack ?? error.message : String(error)}`);
}
