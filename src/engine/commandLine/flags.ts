/** Commands that read a model file. */
export const READING = ['inspect', 'analyze', 'convert'] as const;
export const COMMANDS = [...READING, 'rules', 'explain'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** A flag as help and parsing see it. */
export interface Flag {
  readonly name: string;
  /** What its value looks like; absent for a switch. */
  readonly value?: string;
  readonly repeatable?: true;
  readonly commands: readonly CommandName[];
  readonly help: string;
}

const all = READING;
const reports = ['inspect', 'analyze'] as const;
const analyze = ['analyze'] as const;

/** Every flag, in the order of the help. */
export const flags = [
  {
    name: 'input',
    value: '[NAME=]SHAPE[:TYPE]',
    repeatable: true,
    commands: all,
    help: "An input's shape, the batch in front: 1x3x224x224, image=8x3x32x32, tokens=8x64:int64. Repeat it for several inputs.",
  },
  {
    name: 'set',
    value: 'KEY=VALUE',
    repeatable: true,
    commands: all,
    help: "An argument of the model's constructor: --set width=64. Repeat it for several.",
  },
  {
    name: 'weights',
    commands: analyze,
    help: "Begin with the file's own weights (*.onnx), instead of weights drawn anew.",
  },
  {
    name: 'python',
    value: 'PATH',
    commands: all,
    help: "The interpreter whose packages the file's imports are read from: a python executable or an environment's folder. Nothing is run. Without it, the environment that is active (VIRTUAL_ENV, CONDA_PREFIX).",
  },
  {
    name: 'site-packages',
    value: 'FOLDER',
    repeatable: true,
    commands: all,
    help: 'A folder of installed packages, where imports are read from. Repeat it for several.',
  },
  { name: 'batch', value: 'N', commands: all, help: 'Batch size; wins over what --input and the file say.' },
  {
    name: 'steps',
    value: 'N',
    commands: analyze,
    help: 'Training steps of the probe; 0 measures at initialization alone.',
  },
  { name: 'seed', value: 'N', commands: analyze, help: 'First seed (default 0). The same seed gives the same report.' },
  { name: 'seeds', value: 'N', commands: analyze, help: 'How many seeds.' },
  {
    name: 'budget',
    value: 'SECONDS',
    commands: analyze,
    help: 'Time that the analysis may take (default 10). It buys seeds, steps and variants.',
  },
  { name: 'no-advise', commands: analyze, help: 'Measure only: no variants, no recommendation.' },
  {
    name: 'data',
    value: '[NAME=]FILE,…',
    commands: analyze,
    help: 'Your own data instead of synthetic: inputs in order, then targets, as x.npy,y.npy; or one .npz or .csv that holds both. Samples along the first axis.',
  },
  {
    name: 'fail-on',
    value: 'SEVERITY',
    commands: analyze,
    help: 'Exit with 1 when there is a finding of this severity or graver: error, warning, note or never (default).',
  },
  {
    name: 'rule',
    value: 'ID=SEVERITY',
    repeatable: true,
    commands: reports,
    help: 'Give the findings of a rule another severity: error, warning or note; off leaves the rule out. Repeat it for several.',
  },
  {
    name: 'baseline',
    value: 'FILE',
    commands: reports,
    help: 'Leave out findings that this file holds, wherever their lines have moved to; they are counted.',
  },
  {
    name: 'write-baseline',
    value: 'FILE',
    commands: reports,
    help: 'Write the findings to this file, for --baseline; what it holds of other networks stays.',
  },
  {
    name: 'to',
    value: 'FORMAT',
    commands: ['convert'],
    help: 'yaml (default) or json.',
  },
  {
    name: 'format',
    value: 'FORMAT',
    commands: reports,
    help: 'analyze: text (default), json, html, sarif, markdown. inspect: text, json.',
  },
  { name: 'json', commands: [...reports, 'rules'], help: 'The same as --format json, and no progress.' },
  { name: 'output', value: 'FILE', commands: all, help: 'Write to a file instead of standard output.' },
  { name: 'help', commands: COMMANDS, help: 'Print this.' },
] as const satisfies readonly Flag[];

export type FlagName = (typeof flags)[number]['name'];
