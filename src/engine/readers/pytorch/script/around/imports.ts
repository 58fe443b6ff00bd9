import type { Fact } from '../../../../network';
import type { Evaluation } from '../../../python/evaluator';
import { field, type SyntaxNode } from '../../../python/syntax';

/** The framework itself says nothing of what a model is for. */
const FRAMEWORK = /^(torch|keras|tensorflow|numpy|__future__)(\.|$)/;

/** `a.b` of `a.b as c`. */
const nameOf = (node: SyntaxNode): string => (node.type === 'aliased_import' ? field(node, 'name')!.text : node.text);

/** The full names that a statement imports. */
function namesIn(statement: SyntaxNode): string[] {
  if (statement.type === 'import_statement') {
    return statement.children.filter(({ type }) => type === 'dotted_name' || type === 'aliased_import').map(nameOf);
  }
  const from = field(statement, 'module_name');
  // A relative import is the person's own file.
  if (from?.type !== 'dotted_name') return [];
  const names = statement.children.filter(
    (child) =>
      child !== from && (child.type === 'dotted_name' || child.type === 'aliased_import') && child.start !== from.start,
  );
  return names.length === 0 ? [from.text] : names.map((name) => `${from.text}.${nameOf(name)}`);
}

/** What statements stand in: an import is never inside of an expression. */
const HOLDS =
  /^(block|(if|try|with|for|while)_statement|(else|elif|except|finally)_clause|(function|class|decorated)_definition)$/;

/** What the file imports of other packages, wherever it does, each once. */
export function importsOf(statements: readonly SyntaxNode[], run: Evaluation): Fact<string>[] {
  const found = new Map<string, Fact<string>>();
  const waiting = [...statements].reverse();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (/^import(_from)?_statement$/.test(node.type)) {
      for (const value of namesIn(node)) {
        if (!FRAMEWORK.test(value) && !found.has(value)) found.set(value, { value, source: run.span(node) });
      }
    } else if (HOLDS.test(node.type)) waiting.push(...[...node.children].reverse());
  }
  return [...found.values()];
}
