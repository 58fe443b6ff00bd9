import { field, type SyntaxNode } from '../../../python/syntax';

/** A call as it stands in the file, and what it stands in. */
export interface WrittenCall {
  readonly node: SyntaxNode;
  /** `torch.nn.DataParallel` as written. */
  readonly callee: string;
  /** What it stands in, innermost last. */
  readonly inside: readonly SyntaxNode[];
}

/** What the script's code holds: calls and loops, each with what it stands in. */
export interface WrittenCode {
  readonly calls: readonly WrittenCall[];
  readonly loops: readonly { readonly node: SyntaxNode; readonly inside: readonly SyntaxNode[] }[];
  readonly conditions: readonly { readonly node: SyntaxNode; readonly inside: readonly SyntaxNode[] }[];
  /** In the file's order. */
  readonly assignments: readonly { readonly node: SyntaxNode; readonly inside: readonly SyntaxNode[] }[];
  /** Names that contain "warmup". */
  readonly warmups: readonly SyntaxNode[];
}

const HOLDS =
  /^(function_definition|for_statement|while_statement|if_statement|else_clause|elif_clause|with_statement|try_statement|class_definition)$/;

/** One walk over the file's statements. Iterative: code may be nested deeply. */
export function writtenCode(statements: readonly SyntaxNode[]): WrittenCode {
  const code = { calls: [], loops: [], conditions: [], assignments: [], warmups: [] } as {
    calls: WrittenCall[];
    loops: { node: SyntaxNode; inside: readonly SyntaxNode[] }[];
    conditions: { node: SyntaxNode; inside: readonly SyntaxNode[] }[];
    assignments: { node: SyntaxNode; inside: readonly SyntaxNode[] }[];
    warmups: SyntaxNode[];
  };
  const stack: { node: SyntaxNode; inside: readonly SyntaxNode[] }[] = [...statements]
    .reverse()
    .map((node) => ({ node, inside: [] }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, inside } = top;
    if (node.type === 'call') code.calls.push({ node, callee: field(node, 'function')!.text, inside });
    else if (node.type === 'for_statement') code.loops.push({ node, inside });
    else if (node.type === 'assignment') code.assignments.push({ node, inside });
    else if (node.type === 'if_statement') code.conditions.push({ node, inside });
    else if (node.type === 'identifier' && /warm_?up/i.test(node.text)) code.warmups.push(node);
    const below = HOLDS.test(node.type) ? [...inside, node] : inside;
    for (let i = node.children.length - 1; i >= 0; i--) stack.push({ node: node.children[i]!, inside: below });
  }
  return code;
}

/** The last of a callee's names: `DataParallel`. */
export const lastName = ({ callee }: WrittenCall): string => /(\w+)$/.exec(callee)?.[1] ?? '';

/** An argument by its keyword. */
export const keyword = ({ node }: WrittenCall, name: string): SyntaxNode | undefined => {
  const given = field(node, 'arguments')?.children.find(
    (child) => child.type === 'keyword_argument' && field(child, 'name')!.text === name,
  );
  return given && field(given, 'value');
};

/** The arguments by place. */
export const places = ({ node }: WrittenCall): readonly SyntaxNode[] =>
  (field(node, 'arguments')?.children ?? []).filter(({ type }) => type !== 'keyword_argument');

/** The function that code stands in; undefined at module level. */
export const functionAround = (inside: readonly SyntaxNode[]): SyntaxNode | undefined =>
  inside.findLast(({ type }) => type === 'function_definition');

const MAIN = /__name__\s*==/;

/** Whether code stands under an `if` other than the guard of a script. */
export const isConditional = (inside: readonly SyntaxNode[]): boolean =>
  inside.some(
    ({ type, fields }) =>
      /^(if_statement|elif_clause|else_clause)$/.test(type) && !MAIN.test(fields.condition?.[0]?.text ?? ''),
  );
