import { BudgetExceeded, type Evaluation, PythonError } from '../../../python/evaluator';
import { field, type SyntaxNode } from '../../../python/syntax';
import { asNumber, lookup, type Value } from '../../../python/values';

const ROOT = /^[A-Za-z_]\w*/;
const CHAIN = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;

/** The library's full name of what is called, as far as the file's imports say it; else as it is written. */
export function fullName(callee: string, run: Evaluation): string {
  const root = ROOT.exec(callee)?.[0];
  if (root === undefined || !CHAIN.test(callee)) return callee;
  const value = lookup(run.globals, root);
  const path =
    value?.type === 'library' || value?.type === 'class'
      ? value.path
      : value?.type === 'builtin'
        ? value.name
        : value?.type === 'file'
          ? value.name
          : undefined;
  return path === undefined ? callee : `${path}${callee.slice(root.length)}`;
}

/**
 * What a written expression is worth: a literal, a global name, or the default of the script's argument of that name.
 * Undefined where that is not known. Nothing is called.
 */
export function written(node: SyntaxNode | undefined, run: Evaluation): Value | undefined {
  switch (node?.type) {
    case 'integer':
    case 'float':
    case 'true':
    case 'false':
    case 'none':
    case 'string':
      return attempt(() => run.evaluate(node, run.globals));
    case 'identifier':
      return known(lookup(run.globals, node.text)) ?? run.findings.arguments.get(node.text);
    case 'attribute': {
      const name = field(node, 'attribute')!.text;
      const object = field(node, 'object')!;
      const owner = object.type === 'identifier' ? lookup(run.globals, object.text) : undefined;
      const own = owner?.type === 'instance' ? owner.attributes.get(name) : undefined;
      return known(own) ?? run.findings.arguments.get(name);
    }
    case 'parenthesized_expression':
      return written(node.children[0], run);
    case 'call': {
      // int(x) and float(x) of a number.
      const callee = field(node, 'function')!.text;
      return callee === 'int' || callee === 'float' ? written(field(node, 'arguments')?.children[0], run) : undefined;
    }
    case 'binary_operator': {
      const left = written(field(node, 'left'), run);
      const right = written(field(node, 'right'), run);
      const operator = field(node, 'operator')!.text;
      return left && right && asNumber(left) !== undefined && asNumber(right) !== undefined
        ? attempt(() => known(run.binary(operator, left, right, run.span(node))))
        : undefined;
    }
    default:
      return undefined;
  }
}

export const writtenNumber = (node: SyntaxNode | undefined, run: Evaluation): number | undefined => {
  const value = written(node, run);
  return value && asNumber(value);
};

const known = (value: Value | undefined): Value | undefined => (value?.type === 'unknown' ? undefined : value);

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof PythonError || error instanceof BudgetExceeded) return undefined;
    throw error;
  }
}
