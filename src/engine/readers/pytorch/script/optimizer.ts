import { AttributeError } from '../../../layers';
import {
  ASSUMED_OPTIMIZER,
  type GradientClipping,
  lineText,
  OPTIMIZER_KINDS,
  type OptimizerChoice,
  type OptimizerKind,
  type OptimizerSettings,
  type ParameterGroup,
  type Unmodelled,
} from '../../../network';
import { optimizers, settingsFor } from '../../../training';
import type { Evaluation } from '../../python/evaluator';
import { asNumber, type DictValue, type RecordValue, type StoredTensor, type Value } from '../../python/values';
import { argumentsOf, statedSettings } from './settings';
import { trainerClipping, trainerOptimizer } from './trainerOptimizer';

/** What a `params` argument holds: parameters of this model by id, or groups of them; undefined where it is not known. */
interface GivenParameters {
  readonly ids: readonly string[];
  readonly groups: readonly { readonly ids: readonly string[]; readonly settings: ReadonlyMap<string, Value> }[];
}

type Ids = ReadonlyMap<StoredTensor, string>;

/** Ids of a list of parameters, or of pairs of a name and a parameter; those of other models are left out. */
function idsIn(value: Value | undefined, ids: Ids): readonly string[] | undefined {
  if (value?.type === 'tensor') return idsIn({ type: 'list', items: [value] }, ids);
  if (value?.type !== 'list' && value?.type !== 'tuple') return undefined;
  const tensors = value.items.map((item) => (item.type === 'tuple' ? item.items[1] : item));
  if (!tensors.every((item) => item?.type === 'tensor' && item.place.kind === 'stored')) return undefined;
  return tensors.flatMap((item) => {
    const id = item?.type === 'tensor' && item.place.kind === 'stored' ? ids.get(item.place.tensor) : undefined;
    return id === undefined ? [] : [id];
  });
}

const isGroup = (value: Value): value is DictValue => value.type === 'dict';

function givenParameters(record: RecordValue, ids: Ids): GivenParameters | undefined {
  const params = record.args.positional[0] ?? record.args.keywords.get('params');
  const items: readonly Value[] = params?.type === 'list' || params?.type === 'tuple' ? params.items : [];
  const dicts = items.filter(isGroup);
  if (dicts.length > 0) {
    const groups = dicts.map((group) => {
      const entries = new Map(
        [...group.entries.values()].flatMap(({ key, value }) => (key.type === 'string' ? [[key.value, value]] : [])),
      );
      const own = idsIn(entries.get('params'), ids);
      entries.delete('params');
      return own && { ids: own, settings: entries };
    });
    if (groups.includes(undefined)) return undefined;
    return { ids: groups.flatMap((group) => group!.ids), groups: groups.map((group) => group!) };
  }
  const own = idsIn(params, ids);
  return own && { ids: own, groups: [] };
}

/** The kind of a recorded optimizer, where it is modelled. */
const kindOf = ({ path }: RecordValue): OptimizerKind | undefined =>
  OPTIMIZER_KINDS.find((kind) => path === `torch.optim.${kind}`);

/** What stands for an optimizer that is not modelled: the one that steps most like it. */
const NEAREST: Readonly<Record<string, OptimizerKind>> = {
  NAdam: 'Adam',
  RAdam: 'Adam',
  SparseAdam: 'Adam',
  Adafactor: 'Adam',
  Muon: 'SGD',
  ASGD: 'SGD',
};

/** How often and how much `clip_grad_norm_` or `clip_grad_value_` cuts; undefined where nothing does. */
function clippingOf(run: Evaluation, unmodelled: Unmodelled[]): GradientClipping | undefined {
  for (const record of run.findings.records) {
    const name = /^torch\.nn\.utils\.(clip_grad_(?:norm|value)_?)$/.exec(record.path)?.[1];
    const trainer = /(^|\.)Trainer$/.test(record.path);
    if (name === undefined && !trainer) continue;
    const byValue = name?.startsWith('clip_grad_value');
    const given = argumentsOf(record, byValue ? ['', 'clip_value'] : ['', 'max_norm', 'norm_type']);
    const limit = given.get(trainer ? 'gradient_clip_val' : byValue ? 'clip_value' : 'max_norm');
    if (limit === undefined || limit.type === 'none') continue;
    const algorithm = given.get('gradient_clip_algorithm');
    const max = asNumber(limit);
    const type = asNumber(given.get('norm_type') ?? { type: 'float', value: 2 });
    if (max === undefined || max < 0 || (type !== 1 && type !== 2 && type !== Number.POSITIVE_INFINITY)) {
      const why = 'its limit is not known before running, or its norm is not modelled; gradients are not clipped';
      unmodelled.push({ what: name ?? 'gradient_clip_val', why, source: record.source });
      return undefined;
    }
    const value = byValue || (algorithm?.type === 'string' && algorithm.value === 'value');
    return value ? { kind: 'value', max } : { kind: 'norm', max, type };
  }
  return trainerClipping(run);
}

function choiceFrom(
  record: RecordValue,
  kind: OptimizerKind,
  given: GivenParameters | undefined,
  trainable: readonly string[],
  unmodelled: Unmodelled[],
): OptimizerChoice {
  const row = optimizers[kind];
  const what = `optim.${kind}`;
  const read = (named: ReadonlyMap<string, Value>): OptimizerSettings =>
    statedSettings(named, row.settings, what, record.source, unmodelled) as OptimizerSettings;
  const named = argumentsOf(record, ['params', ...row.parameters]);
  named.delete('params');
  const settings = { lr: row.settings.lr!.fallback as number, ...read(named) };
  const groups: ParameterGroup[] = (given?.groups ?? []).flatMap(({ ids, settings: own }) => {
    const differing = read(own);
    return ids.length === 0 || Object.keys(differing).length === 0 ? [] : [{ parameters: ids, settings: differing }];
  });
  // Parameters that the optimizer is not given stay as they are.
  const left = given && given.ids.length > 0 ? trainable.filter((id) => !given.ids.includes(id)) : [];
  if (left.length > 0) groups.push({ parameters: left, settings: { lr: 0 } });
  const choice: OptimizerChoice = {
    kind,
    settings,
    ...(groups.length > 0 && { groups }),
    origin: `${what}, ${lineText(record.source)}`,
  };
  for (const id of [undefined, ...groups.map(({ parameters }) => parameters[0])]) settingsFor(choice, id);
  return choice;
}

/**
 * The script's optimizer: of several, the first that is given parameters of this model; else an assumed one. `ids` are
 * the names of the model's parameters, `trainable` those that are trained.
 */
export function optimizerOf(
  run: Evaluation,
  ids: Ids,
  trainable: readonly string[],
  unmodelled: Unmodelled[],
): OptimizerChoice {
  const records = run.findings.records.filter(({ path }) => /^torch\.optim\.[A-Z]/.test(path));
  const found = records.map((record) => ({ record, given: givenParameters(record, ids) }));
  const own = found.find(({ given }) => given && given.ids.length > 0) ?? found[0];
  const clipping = clippingOf(run, unmodelled);
  const withClipping = (choice: OptimizerChoice) => (clipping ? { ...choice, clipping } : choice);
  if (!own) return withClipping(trainerOptimizer(run, trainable, unmodelled) ?? ASSUMED_OPTIMIZER);
  const { record, given } = own;
  const name = record.path.split('.').at(-1)!;
  const nearest = Object.hasOwn(NEAREST, name) ? NEAREST[name] : undefined;
  const kind = kindOf(record) ?? nearest;
  const note = (why: string) => unmodelled.push({ what: `optim.${name}`, why, source: record.source });
  if (!kind) {
    note(
      `this optimizer is not modelled; ${ASSUMED_OPTIMIZER.kind} with lr ${ASSUMED_OPTIMIZER.settings.lr} stands in its place`,
    );
    return withClipping(ASSUMED_OPTIMIZER);
  }
  try {
    // Of another optimizer's settings the ones that both have stand.
    const choice = choiceFrom(record, kind, given, trainable, kind === nearest ? [] : unmodelled);
    if (kind === nearest)
      note(`this optimizer is not modelled; ${kind} with lr ${choice.settings.lr} stands in its place`);
    return withClipping(choice);
  } catch (error) {
    if (!(error instanceof AttributeError)) throw error;
    note(`${error.message}; an assumed optimizer stands in its place`);
    return withClipping(ASSUMED_OPTIMIZER);
  }
}
