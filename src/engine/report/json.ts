import { figure } from './figureText';
import type { InspectReport, Report } from './report';

/** Keys that come first wherever they stand, in this order; the rest follow by the alphabet. */
const LEADING = [
  ...['schema', 'status', 'failure', 'engine', 'network', 'networks', 'probe'],
  ...['id', 'rule', 'severity', 'action', 'norm', 'name', 'kind', 'type', 'layer', 'message', 'file', 'line', 'column'],
  ...['source', 'callSite', 'inputs', 'outputShape', 'batch', 'parameters', 'attributes'],
  ...['layers', 'findings', 'recommendation', 'timings'],
];
const RANK = new Map(LEADING.map((key, index) => [key, index]));
const LINE_WIDTH = 120;

/** A Report, or what `inspect` found, as JSON: the same values give the same bytes, NaN and infinities are words. */
export const json = (report: Report | InspectReport): string => jsonText(report);

/** Any value in the same way. */
export const jsonText = (value: unknown): string => `${asciiControls(write(value, ''))}\n`;

function compareKeys(a: string, b: string): number {
  const rank = (RANK.get(a) ?? LEADING.length) - (RANK.get(b) ?? LEADING.length);
  return rank !== 0 ? rank : a < b ? -1 : 1;
}

const isFlat = (value: object): boolean =>
  Array.isArray(value) && value.every((entry) => typeof entry !== 'object' || entry === null);

/** Two spaces a level; what fits on one line stands on one line, and so does any list of plain values. */
function write(value: unknown, indent: string): string {
  if (typeof value === 'number') return JSON.stringify(figure(value));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const inner = `${indent}  `;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  const parts = Array.isArray(value)
    ? value.map((entry: unknown) => write(entry, inner))
    : entries
        .sort(([a], [b]) => compareKeys(a, b))
        .map(([key, entry]) => `${JSON.stringify(key)}: ${write(entry, inner)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const line = `${open}${parts.join(', ')}${close}`;
  if (isFlat(value) || (indent.length + line.length <= LINE_WIDTH && !line.includes('\n'))) return line;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** JSON leaves DEL, the C1 controls and the line separators as they are; a terminal obeys some of them. */
const asciiControls = (text: string): string =>
  text.replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
