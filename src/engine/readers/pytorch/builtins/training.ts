import type { Span } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import {
  type Arguments,
  argument,
  type InstanceValue,
  NONE,
  positional,
  type RecordValue,
  tuple,
  unknown,
  type Value,
} from '../../python/values';

/** Losses as classes; they are modules without parameters. */
export const LOSS_CLASS = /^torch\.nn\.\w+Loss$/;

/** Library calls of the script that say how the network is trained. */
const RECORDED =
  /^torch\.(utils\.data\.DataLoader|optim\.[A-Z]\w*|nn\.functional\.(cross_entropy|kl_div|\w+_loss|binary_cross_entropy\w*)|nn\.utils\.clip_grad_(norm|value)_?)$|^lightning\.|^pytorch_lightning\.Trainer$|^torchvision\.(datasets|transforms(\.v2)?)\.[A-Z]\w*$|^transformers\.(Seq2Seq)?Train(ingArguments|er)$|^accelerate\.Accelerator$/;

/** Whether calls of this library name are kept for what they say. */
export const isRecorded = (path: string): boolean => RECORDED.test(path);

/** Keeps a call for whoever reads the script. */
export function record(path: string, args: Arguments, site: Span, run: Evaluation): RecordValue {
  const value: RecordValue = { type: 'record', path, args, source: site, names: [] };
  if (run.findings.records.length < 1000) run.findings.records.push(value);
  return value;
}

const parser = (args: Arguments): InstanceValue => argument(args, 0) as InstanceValue;

/** The value of an argument that nobody gives on the command line. */
const addArgument: BuiltinRow = (args, site, run) => {
  const flags = args.positional.slice(1).flatMap((flag) => (flag.type === 'string' ? [flag.value] : []));
  const destination = args.keywords.get('dest');
  const long = flags.find((flag) => flag.startsWith('--')) ?? flags[0];
  const name = destination?.type === 'string' ? destination.value : long?.replace(/^-+/, '').replaceAll('-', '_');
  if (!name) return NONE;
  const action = args.keywords.get('action');
  const flag =
    action?.type === 'string' && /^store_(true|false)$/.test(action.value)
      ? { type: 'bool' as const, value: action.value === 'store_false' }
      : undefined;
  const required = !long?.startsWith('-') || args.keywords.get('required');
  let value: Value =
    args.keywords.get('default') ?? flag ?? (required ? unknown(`'${long}' is given on the command line`, site) : NONE);
  const type = args.keywords.get('type');
  if (type && value.type === 'string') value = run.call(type, positional(value), site);
  // What the person gives stands for what the script would be given on its command line.
  const given = run.given.get(name);
  if (given) {
    value = given;
    run.used.add(name);
  }
  run.findings.arguments.set(name, value);
  const namespace = parser(args).attributes.get('namespace');
  if (namespace?.type !== 'instance') return NONE;
  // Of the parsers of several commands the first says it.
  const before = namespace.attributes.get(name);
  if (!before || before.type === 'unknown' || value.type !== 'unknown') namespace.attributes.set(name, value);
  return NONE;
};

const namespaceOf: BuiltinRow = (args) => parser(args).attributes.get('namespace') ?? NONE;

/** `argparse.ArgumentParser`: every argument has its default. */
export const argumentParser: BuiltinTable = {
  __init__(args, _, run) {
    const of = run.libraryClass('argparse.Namespace')!;
    parser(args).attributes.set('namespace', { type: 'instance', class: of, attributes: new Map() });
    return NONE;
  },
  add_argument: addArgument,
  add_argument_group: (args) => argument(args, 0),
  add_mutually_exclusive_group: (args) => argument(args, 0),
  /** Arguments of every command stand beside each other. */
  add_subparsers(args, site) {
    const { dest } = Object.fromEntries(args.keywords);
    const namespace = parser(args).attributes.get('namespace');
    if (dest?.type === 'string' && namespace?.type === 'instance')
      namespace.attributes.set(dest.value, unknown(`'${dest.value}' is given on the command line`, site));
    return argument(args, 0);
  },
  add_parser: (args) => argument(args, 0),
  set_defaults(args, site, run) {
    const namespace = namespaceOf(args, site, run);
    if (namespace.type === 'instance') for (const [name, value] of args.keywords) namespace.attributes.set(name, value);
    return NONE;
  },
  parse_args: namespaceOf,
  parse_known_args: (args, site, run) => tuple([namespaceOf(args, site, run), { type: 'list', items: [] }]),
};
