import { Document, isCollection, isMap, isPair, visit } from 'yaml';

type Entries = Readonly<Record<string, unknown>>;

/** Fields of the head, and of the graph, that are written in one line. */
const HEADS = ['batch', 'task', 'optimizer', 'outputs'];

/** A description as YAML: one line for each entry of a table and each field of the head. */
export function yamlText(entries: Entries): string {
  const document = new Document(entries, { aliasDuplicateObjects: false });
  visit(document, {
    Seq: (_, node) => {
      for (const item of node.items) if (isCollection(item)) item.flow = true;
    },
    Pair: (_, pair) => {
      if (isCollection(pair.value) && HEADS.includes(String(pair.key))) pair.value.flow = true;
      if (String(pair.key) !== 'input' || !isMap(pair.value)) return;
      for (const item of pair.value.items) if (isPair(item) && isCollection(item.value)) item.value.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** How deep a description is broken into lines: its head, the graph's tables, their entries. */
const BROKEN: readonly (readonly string[])[] = [[], ['input', 'graph'], ['modules', 'parameters', 'buffers', 'calls']];

/** A description as JSON, in lines as the YAML is. */
export function jsonText(entries: Entries): string {
  return `${broken(entries, 0)}\n`;
}

function broken(value: Entries | readonly unknown[], depth: number): string {
  const indent = '  '.repeat(depth + 1);
  const lines = Array.isArray(value)
    ? value.map(inLine)
    : Object.entries(value).map(([key, inner]) => {
        const opens = BROKEN[depth + 1]?.includes(key) && Object.keys(inner as object).length > 0;
        return `${JSON.stringify(key)}: ${opens ? broken(inner as Entries, depth + 1) : inLine(inner)}`;
      });
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${lines.map((line) => `${indent}${line}`).join(',\n')}\n${'  '.repeat(depth)}${close}`;
}

/** JSON in one line, numbers as they are: −0 with its sign, and as texts those that JSON has no number for. */
function inLine(value: unknown): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return `"${value}"`;
    return Object.is(value, -0) ? '-0' : JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(inLine).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, inner]) => `${JSON.stringify(key)}: ${inLine(inner)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}
