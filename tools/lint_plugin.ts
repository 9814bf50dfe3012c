/**
 * A rule of this house for `deno lint`: in the rooms that are shipped, a function is at most
 * {@link MOST_LINES} lines long, from its first to its last.
 *
 * @module
 */

const MOST_LINES = 50;
const SHIPPED = /[\\/](?:src|adapters|cli)[\\/][\w\\/]+\.ts$/;

/** As much of a linter's context as the rule reads. */
interface Context {
  readonly filename: string;
  readonly sourceCode: { readonly text: string };
  report(problem: { node: Node; message: string; hint: string }): void;
}

interface Node {
  readonly range: readonly [number, number];
}

function create(context: Context): Record<string, (node: Node) => void> {
  if (!SHIPPED.test(context.filename)) return {};
  const check = (node: Node): void => {
    const lines = context.sourceCode.text.slice(...node.range).split("\n").length;
    if (lines <= MOST_LINES) return;
    context.report({ node, message: `A function of ${lines} lines`, hint: `Split it: ${MOST_LINES} are the most` });
  };
  return { FunctionDeclaration: check, FunctionExpression: check, ArrowFunctionExpression: check };
}

export default { name: "edgestamp", rules: { "function-length": { create } } };
