import { wrap } from '../report/terminal';
import { type CommandName, type Flag, flags } from './flags';

const WIDTH = 100;
const INDENT = 32;

const COMMANDS: Readonly<Record<CommandName, { readonly does: string; readonly more: readonly string[] }>> = {
  inspect: {
    does: 'Read a model file, without running it, and list its networks: layers, shapes, parameters, and what could not be modelled.',
    more: [
      'Examples:',
      '  normscope inspect model.py',
      '  normscope inspect model.py::ResNet --input 1x3x224x224 --json',
    ],
  },
  analyze: {
    does: 'Read a network from a model file, train it for a few steps on synthetic data or your own, and report gradients, saturation, what is wrong where, and which normalization it needs.',
    more: [
      'Examples:',
      '  normscope analyze model.py::Net --batch 64',
      '  normscope analyze model.py::Net --data x.npy,y.npy',
      '  normscope analyze model.py::Net --steps 0 --no-advise --json',
      '  normscope analyze model.py::Net --format sarif --output findings.sarif --fail-on error',
      '  normscope analyze model.py::Net --baseline normscope-baseline.json --rule unused-layer=off',
      '',
      'Ctrl-C ends the analysis and prints what was measured so far; the exit code is then 3.',
      '',
      'The environment variable NORMSCOPE_RUNTIME chooses what runs the network: native; wasm, which runs',
      'everywhere and several times slower; auto (the default), the first of these that can be loaded.',
    ],
  },
  rules: {
    does: 'List every rule: its id, the gravest severity that it gives, and what it finds.',
    more: ['Examples:', '  normscope rules', '  normscope rules --json'],
  },
  explain: {
    does: "Print a rule's page: why, by which figures, what helps, when to let it be, and an example.",
    more: ['Example:', '  normscope explain bias-before-batchnorm'],
  },
  convert: {
    does: 'Read a network from a model file and write it as a description file. Reading that back gives the same network.',
    more: [
      'Examples:',
      '  normscope convert model.py::Net --output net.normscope.yaml',
      '  normscope convert model.py::Net --input 1x3x224x224 --to json',
    ],
  },
};

/** What a command takes that reads no model file. */
const TAKES: Partial<Record<CommandName, string>> = { rules: '', explain: ' RULE' };

const FILE_HELP = wrap(
  'FILE is a PyTorch or Keras source file (*.py), a saved Keras model (*.json, *.keras), a description (*.normscope.yaml, .yml, .json) or an ONNX file (*.onnx). NAME is a class, a function that returns a model, or a module-level variable; without it, the networks that the file itself offers.',
  WIDTH,
);

const EXIT_HELP = wrap(
  'Exit codes: 0 done; 1 findings at or above --fail-on; 2 wrong input, said in one line; 3 the engine failed, or the run was cancelled.',
  WIDTH,
);

/** The help of the program, or of one of its commands. */
export function help(about?: CommandName): string {
  const lines = about === undefined ? programHelp() : commandHelp(about);
  return `${lines.join('\n')}\n`;
}

function programHelp(): string[] {
  return [
    'normscope tells whether signal and gradient get through a neural network, and which',
    'normalization it needs.',
    '',
    'Usage:',
    '  normscope inspect FILE[::NAME] [flags]',
    '  normscope analyze FILE[::NAME] [flags]',
    '  normscope convert FILE[::NAME] [flags]',
    '  normscope rules',
    '  normscope explain RULE',
    '  normscope --version',
    '  normscope COMMAND --help',
    '',
    ...(Object.keys(COMMANDS) as CommandName[]).flatMap((name) => entry(name, COMMANDS[name].does)),
    '',
    ...FILE_HELP,
    '',
    ...EXIT_HELP,
  ];
}

function commandHelp(command: CommandName): string[] {
  const own: readonly Flag[] = flags.filter((flag) => (flag.commands as readonly string[]).includes(command));
  return [
    `Usage: normscope ${command}${TAKES[command] ?? ' FILE[::NAME]'} [flags]`,
    '',
    ...wrap(COMMANDS[command].does, WIDTH),
    '',
    ...(command in TAKES ? [] : [...FILE_HELP, '']),
    'Flags:',
    ...own.flatMap(({ name, value, help: text }) => entry(`--${name}${value === undefined ? '' : ` ${value}`}`, text)),
    '',
    ...COMMANDS[command].more,
    '',
    ...EXIT_HELP,
  ];
}

/** A name and its explanation, in two columns. */
const entry = (name: string, text: string): string[] =>
  wrap(`  ${name.padEnd(INDENT - 4)}  ${text}`, WIDTH, ' '.repeat(INDENT));
