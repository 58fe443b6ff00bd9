import { InputError } from '../network';
import type { Finding, SuppressedFinding } from '../report';

const SCHEMA = 'normscope/baseline@1';

/** A finding that was there when the baseline was written. Lines move and layers are renamed: either may, not both. */
export interface BaselineEntry {
  readonly rule: string;
  /** Relative to the working directory, with `/`. */
  readonly file: string;
  /** The network that it is of: `models/net.py::Net`. */
  readonly network: string;
  readonly layer: string | null;
  /** What stands on its line, without the blanks around it. */
  readonly text: string;
}

export type Baseline = readonly BaselineEntry[];

/** The text on a finding's line, without the blanks around it; empty where it is not at hand. */
export type LineText = (source: Finding['source']) => string;

const entryOf = ({ rule, source, layer }: Finding, network: string, lineText: LineText): BaselineEntry => ({
  rule,
  file: source.file,
  network,
  layer,
  text: lineText(source),
});

const key = ({ rule, file, network, layer, text }: BaselineEntry): string =>
  [file, network, rule, layer ?? '', text].join('\n');

/** A baseline with a network's findings, whatever it held of that network before; in an order of its own. */
export function baselineOf(
  before: Baseline,
  network: string,
  findings: readonly Finding[],
  lineText: LineText,
): Baseline {
  const others = before.filter((entry) => entry.network !== network);
  const own = findings.map((finding) => entryOf(finding, network, lineText));
  return [...others, ...own].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The findings that the baseline does not hold, and those that it does. An entry stands for one finding. */
export function withBaseline(
  baseline: Baseline,
  network: string,
  findings: readonly Finding[],
  lineText: LineText,
): { readonly fresh: readonly Finding[]; readonly known: readonly SuppressedFinding[] } {
  const left = baseline.filter((entry) => entry.network === network);
  const fresh: Finding[] = [];
  const known: SuppressedFinding[] = [];
  for (const finding of findings) {
    const own = entryOf(finding, network, lineText);
    const same = ({ rule, file }: BaselineEntry) => rule === own.rule && file === own.file;
    const at = [
      (entry: BaselineEntry) => entry.layer === own.layer && entry.text === own.text,
      (entry: BaselineEntry) => entry.layer === own.layer && own.layer !== null,
      (entry: BaselineEntry) => entry.text === own.text && own.text !== '',
    ]
      .map((alike) => left.findIndex((entry) => same(entry) && alike(entry)))
      .find((index) => index >= 0);
    if (at === undefined) fresh.push(finding);
    else {
      left.splice(at, 1);
      known.push({ ...finding, suppressed: { by: 'baseline' } });
    }
  }
  return { fresh, known };
}

/** The entries of a baseline file's text. @throws InputError for what is none. */
export function parseBaseline(text: string, name: string): Baseline {
  const refuse = (why: string): never => {
    throw new InputError(`${name} is no baseline: ${why}`, 'write one with --write-baseline FILE');
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('it is not valid JSON');
  }
  const { schema, findings } = (value ?? {}) as { schema?: unknown; findings?: unknown };
  if (schema !== SCHEMA) return refuse(`its schema is not ${SCHEMA}`);
  if (!Array.isArray(findings) || !findings.every(isEntry)) return refuse('its findings are not as they were written');
  return findings;
}

function isEntry(value: unknown): value is BaselineEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { layer, ...texts } = value as Record<string, unknown>;
  const { rule, file, network, text } = texts;
  return (
    [rule, file, network, text].every((part) => typeof part === 'string') &&
    (layer === null || typeof layer === 'string')
  );
}

/** A baseline as a file's text: one line an entry, so that a change is one line of a diff. */
export function baselineText(baseline: Baseline): string {
  const lines = baseline.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
  return `{\n  "schema": "${SCHEMA}",\n  "findings": [${lines === '' ? '' : `\n${lines}\n  `}]\n}\n`;
}
