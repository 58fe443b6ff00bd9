import { parseArgs } from 'node:util';
import { type AnalyzeOptions, DEFAULT_BUDGET_SECONDS } from '../analyzeOptions';
import { InputError, nearestName } from '../network';
import {
  DESCRIPTION_FORMATS,
  type DescriptionFormat,
  type InputOption,
  type PythonChoice,
  type ReadOptions,
} from '../readers';
import { INSPECT_FORMATS, type InspectFormat, REPORT_FORMATS, type ReportFormat } from '../report/formats';
import type { RuleSeverities } from '../report/severity';
import { COMMANDS, type CommandName, type Flag, type FlagName, flags } from './flags';
import { inputOption, oneOf, ruleSeverities, seconds, setOption, wholeNumber } from './values';

export const FAIL_ON = ['error', 'warning', 'note', 'never'] as const;
export type FailOn = (typeof FAIL_ON)[number];

/** What every command is told. */
export interface ReadRequest {
  /** The model file as the person wrote its path. */
  readonly file: string;
  readonly read: ReadOptions;
  /** Whose packages may be read, paths as the person wrote them; absent: those of the environment that is active. */
  readonly python?: PythonChoice;
  readonly output?: string;
}

/** What is said of findings. */
export interface JudgeRequest {
  readonly rules?: RuleSeverities;
  /** The file with the findings that were there before, and the one to write these to, as the person wrote their paths. */
  readonly baseline?: string;
  readonly writeBaseline?: string;
}

export interface InspectRequest extends ReadRequest, JudgeRequest {
  readonly command: 'inspect';
  readonly format: InspectFormat;
}

export interface AnalyzeRequest extends ReadRequest, JudgeRequest {
  readonly command: 'analyze';
  readonly format: ReportFormat;
  readonly failOn: FailOn;
  readonly options: AnalyzeOptions;
  /** The files of the person's own data, as `--data` names them. */
  readonly data?: string;
}

export interface ConvertRequest extends ReadRequest {
  readonly command: 'convert';
  readonly to: DescriptionFormat;
}

export type Request =
  | { readonly command: 'help'; readonly about?: CommandName }
  | { readonly command: 'version' }
  | { readonly command: 'rules'; readonly json: boolean }
  | { readonly command: 'explain'; readonly rule: string }
  | InspectRequest
  | AnalyzeRequest
  | ConvertRequest;

/** A flag's values by its name; a switch has one, the empty string. */
type Given = ReadonlyMap<FlagName, readonly string[]>;

/**
 * Understands the arguments of a command line (without the interpreter and the script).
 * @throws InputError for every mistake, with the nearest flag or command.
 */
export function parseArguments(args: readonly string[]): Request {
  const [first, ...rest] = args;
  if (first === '--help' || first === '-h') return { command: 'help' };
  if (first === '--version') return { command: 'version' };
  const command = COMMANDS.find((known) => known === first);
  if (command === undefined) {
    const near = first === undefined ? undefined : nearestName(first, [...COMMANDS, '--help', '--version']);
    throw new InputError(
      first === undefined ? 'no command was given' : `'${first}' is not a command`,
      near === undefined ? "'normscope --help' lists the commands" : `did you mean '${near}'?`,
    );
  }
  const { given, positionals } = readFlags(command, rest);
  if (given.has('help')) return { command: 'help', about: command };
  switch (command) {
    case 'inspect':
      return inspectRequest(positionals, given);
    case 'analyze':
      return analyzeRequest(positionals, given);
    case 'convert':
      return {
        command,
        ...readRequest(positionals, given),
        to: oneOf('to', only(given, 'to') ?? 'yaml', DESCRIPTION_FORMATS),
      };
    case 'rules':
      if (positionals.length > 0)
        throw new InputError(
          `'rules' takes no name, and '${positionals[0]}' is one`,
          `try 'normscope explain ${positionals[0]}'`,
        );
      return { command, json: given.has('json') };
    case 'explain':
      return { command, rule: onlyRule(positionals) };
  }
}

function readFlags(command: CommandName, args: readonly string[]): { given: Given; positionals: readonly string[] } {
  const known: readonly Flag[] = flags.filter((flag) => (flag.commands as readonly string[]).includes(command));
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      known.map((flag) => [flag.name, { type: flag.value === undefined ? 'boolean' : 'string' } as const]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<FlagName, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.rawName === '-h') return { given: new Map([['help', ['']]]), positionals: [] };
    const flag = known.find(({ name }) => `--${name}` === token.rawName);
    if (flag === undefined) throw unknownFlag(command, token.rawName, known);
    const value = flagValue(flag, token.value, token.inlineValue === true);
    const values = given.get(flag.name as FlagName) ?? [];
    if (values.length > 0 && !flag.repeatable) throw new InputError(`--${flag.name} is given twice`, 'give it once');
    given.set(flag.name as FlagName, [...values, value]);
  }
  return { given, positionals };
}

function flagValue(flag: Flag, value: string | undefined, inline: boolean): string {
  if (flag.value === undefined) {
    if (value !== undefined) throw new InputError(`--${flag.name} takes no value`, `write --${flag.name} alone`);
    return '';
  }
  // The next flag is not this one's value; a negative number is, if a wrong one.
  const missing = value === undefined || value === '' || (!inline && /^-[^\d]/.test(value));
  if (missing) throw new InputError(`--${flag.name} needs a value`, `write --${flag.name} ${flag.value}`);
  return value;
}

function unknownFlag(command: CommandName, rawName: string, known: readonly Flag[]): InputError {
  const near = nearestName(
    rawName.replace(/^-+/, ''),
    known.map(({ name }) => name),
  );
  const elsewhere = flags.find(({ name }) => `--${name}` === rawName)?.commands.map((name) => `'${name}'`);
  return new InputError(
    elsewhere
      ? `${rawName} is a flag of ${elsewhere.join(' and ')}, not of '${command}'`
      : `${rawName} is not a flag of '${command}'`,
    near === undefined ? `'normscope ${command} --help' lists its flags` : `did you mean --${near}?`,
  );
}

function onlyRule([rule, ...more]: readonly string[]): string {
  if (rule === undefined) throw new InputError('no rule was given', "name one; 'normscope rules' lists them");
  if (more.length > 0)
    throw new InputError(`one rule is explained at a time, and '${more[0]}' is a second`, 'run it again');
  return rule;
}

function judgeRequest(given: Given): JudgeRequest {
  const rules = given.get('rule');
  const baseline = only(given, 'baseline');
  const writeBaseline = only(given, 'write-baseline');
  return {
    ...(rules && { rules: ruleSeverities(rules) }),
    ...(baseline !== undefined && { baseline }),
    ...(writeBaseline !== undefined && { writeBaseline }),
  };
}

function readRequest(positionals: readonly string[], given: Given): ReadRequest {
  const [target, ...more] = positionals;
  if (target === undefined)
    throw new InputError('no model file was given', "name one, as in 'model.py' or 'model.py::Net'");
  if (more.length > 0)
    throw new InputError(`one FILE is read at a time, and '${more[0]}' is a second`, 'run the command once for each');
  const separator = target.lastIndexOf('::');
  const file = separator < 0 ? target : target.slice(0, separator);
  const name = separator < 0 ? undefined : target.slice(separator + 2);
  if (file === '' || name === '')
    throw new InputError(`'${target}' lacks a part of FILE::NAME`, "write it as in 'model.py::Net'");

  const inputs = (given.get('input') ?? []).map(inputOption);
  const batch = batchSize(given, inputs);
  const set = new Map<string, string>();
  for (const [key, value] of (given.get('set') ?? []).map(setOption)) {
    if (set.has(key)) throw new InputError(`--set ${key} is given twice`, 'give it once');
    set.set(key, value);
  }
  const output = only(given, 'output');
  const interpreter = only(given, 'python');
  const sitePackages = given.get('site-packages');
  const python = {
    ...(interpreter === undefined ? {} : { interpreter }),
    ...(sitePackages === undefined ? {} : { sitePackages }),
  };
  return {
    file,
    ...(Object.keys(python).length === 0 ? {} : { python }),
    read: {
      ...(name === undefined ? {} : { name }),
      ...(inputs.length === 0 ? {} : { inputs }),
      ...(batch === undefined ? {} : { batch }),
      ...(set.size === 0 ? {} : { set: Object.fromEntries(set) }),
      ...(given.has('weights') ? { weights: true } : {}),
    },
    ...(output === undefined ? {} : { output }),
  };
}

/** `--batch`, else the size that stands in front of every `--input`. */
function batchSize(given: Given, inputs: readonly InputOption[]): number | undefined {
  const flag = only(given, 'batch');
  if (flag !== undefined) return wholeNumber('batch', flag, 1, 1_000_000);
  const sizes = [...new Set(inputs.map((input) => input.shape[0]!))];
  if (sizes.length > 1)
    throw new InputError(
      `the inputs have the batch sizes ${sizes.join(' and ')} in front`,
      'give them the same, or say --batch N',
    );
  return sizes[0];
}

function inspectRequest(positionals: readonly string[], given: Given): InspectRequest {
  return {
    command: 'inspect',
    ...readRequest(positionals, given),
    ...judgeRequest(given),
    format: formatOf(given, INSPECT_FORMATS),
  };
}

function analyzeRequest(positionals: readonly string[], given: Given): AnalyzeRequest {
  const data = only(given, 'data');
  const steps = only(given, 'steps');
  const seeds = only(given, 'seeds');
  return {
    command: 'analyze',
    ...readRequest(positionals, given),
    ...judgeRequest(given),
    format: formatOf(given, REPORT_FORMATS),
    ...(data === undefined ? {} : { data }),
    failOn: oneOf('fail-on', only(given, 'fail-on') ?? 'never', FAIL_ON),
    options: {
      ...(steps === undefined ? {} : { steps: wholeNumber('steps', steps, 0, 100_000) }),
      seed: wholeNumber('seed', only(given, 'seed') ?? '0', 0, 2 ** 32 - 1),
      ...(seeds === undefined ? {} : { seeds: wholeNumber('seeds', seeds, 1, 100) }),
      budgetSeconds: seconds('budget', only(given, 'budget') ?? String(DEFAULT_BUDGET_SECONDS), 86_400),
      advise: !given.has('no-advise'),
    },
  };
}

function formatOf<const T extends string>(given: Given, formats: readonly T[]): T {
  const format = only(given, 'format');
  if (given.has('json') && format !== undefined && format !== 'json') {
    throw new InputError(`--json and --format ${format} exclude each other`, 'give one of them');
  }
  return oneOf('format', given.has('json') ? 'json' : (format ?? 'text'), formats);
}

const only = (given: Given, name: FlagName): string | undefined => given.get(name)?.[0];
