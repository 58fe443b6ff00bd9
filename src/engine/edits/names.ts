import { field, type SyntaxNode } from '../readers/python/syntax';
import { endOf, functionText, type ParsedFile } from './place';
import type { Piece } from './text';

/** How a file writes a class of torch.nn, and what its imports then lack. */
export interface WrittenName {
  readonly text: string;
  readonly imports: readonly Piece[];
}

interface Imports {
  /** What stands before the class's name: `nn.`, `torch.nn.`. */
  readonly prefix: string | undefined;
  /** `from torch.nn import …`, with the names that it binds. */
  readonly from:
    | { readonly last: SyntaxNode; readonly names: ReadonlySet<string>; readonly everything: boolean }
    | undefined;
  /** The last statement of the imports at the top. */
  readonly last: SyntaxNode | undefined;
}

const nameOf = (node: SyntaxNode): { name: string; as: string } => {
  const name = field(node, 'name')?.text ?? node.text;
  return { name, as: field(node, 'alias')?.text ?? name };
};

function importsOf({ statements }: ParsedFile): Imports {
  const prefixes: { rank: number; prefix: string }[] = [];
  let from: Imports['from'];
  let last: SyntaxNode | undefined;
  for (const statement of statements) {
    if (statement.type === 'future_import_statement') last = statement;
    if (statement.type === 'import_statement') {
      last = statement;
      for (const { name, as } of statement.children.map(nameOf)) {
        if (name === 'torch.nn') prefixes.push({ rank: as === name ? 1 : 0, prefix: `${as}.` });
        if (name === 'torch') prefixes.push({ rank: 1, prefix: `${as}.nn.` });
      }
    }
    if (statement.type !== 'import_from_statement') continue;
    last = statement;
    const module = field(statement, 'module_name')?.text;
    const names = statement.fields.name ?? [];
    if (module === 'torch') {
      for (const { name, as } of names.map(nameOf)) if (name === 'nn') prefixes.push({ rank: 0, prefix: `${as}.` });
    }
    if (module === 'torch.nn') {
      const everything = statement.children.some(({ type }) => type === 'wildcard_import');
      const bound = new Set(names.map(nameOf).flatMap(({ name, as }) => (name === as ? name : [])));
      const lastName = names.at(-1);
      if (everything || lastName) from = { last: lastName ?? statement, names: bound, everything };
    }
  }
  prefixes.sort((a, b) => a.rank - b.rank);
  return { prefix: prefixes[0]?.prefix, from, last };
}

/** Writes the class as the constructor `like` writes its own, or as the file's imports have it. */
export function writtenName(file: ParsedFile, name: string, like: SyntaxNode | undefined): WrittenName {
  const { prefix, from, last } = importsOf(file);
  const callee = like ? functionText(like) : '';
  const qualified = /^((?:\w+\.)*nn\.)[A-Z]\w*$/.exec(callee)?.[1];
  if (qualified) return { text: qualified + name, imports: [] };
  const byName =
    from && (from.names.has(callee) || (from.everything && /^[A-Z]\w*$/.test(callee)) || prefix === undefined);
  if (from && (from.names.has(name) || from.everything) && (byName || prefix === undefined))
    return { text: name, imports: [] };
  if (from && byName) {
    const at = endOf(file, from.last);
    return { text: name, imports: [{ start: at, end: at, text: `, ${name}` }] };
  }
  if (prefix !== undefined) return { text: prefix + name, imports: [] };
  const { source } = file;
  const text = `from torch import nn${source.lineEnd}`;
  const at = last ? source.nextLine(endOf(file, last)) : 0;
  return { text: `nn.${name}`, imports: [{ start: at, end: at, text }] };
}
