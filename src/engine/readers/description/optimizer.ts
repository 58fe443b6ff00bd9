import {
  ASSUMED_OPTIMIZER,
  type GradientClipping,
  type Network,
  OPTIMIZER_KINDS,
  type OptimizerChoice,
  type OptimizerSettings,
  type ParameterGroup,
} from '../../network';
import { optimizers, settingsFor } from '../../training';
import { lineOf, originOf, topOrTask } from './head';
import {
  type DescriptionNode,
  expectList,
  expectMap,
  expectName,
  expectNumber,
  type MapNode,
  onlyKeys,
  refuse,
  suggest,
  valueAt,
} from './node';
import { kindAndSettings, readSettings } from './settings';

/** What may stand beside an optimizer's kind. */
export const besideOptimizer = ['groups', 'clip_grad_norm', 'clip_grad_value', 'origin'] as const;

/** The optimizer; settings that the file leaves out stay out: the optimizer's defaults hold. */
export function readOptimizer(root: MapNode, parameters: Network['parameters']): OptimizerChoice {
  const node = topOrTask(root, 'optimizer');
  if (!node) return ASSUMED_OPTIMIZER;
  const { kind, map, settings } = kindAndSettings(
    node,
    'optimizer',
    OPTIMIZER_KINDS,
    besideOptimizer,
    '{SGD: {lr: 0.1}}',
  );
  const table = optimizers[kind].settings;
  const read = (given: DescriptionNode | undefined, own: OptimizerSettings, reserved: readonly string[] = []) =>
    readSettings(
      kind,
      table,
      given,
      (stated) => settingsFor({ kind, settings: { ...own, ...(stated as OptimizerSettings) }, origin: '' }),
      reserved,
    ) as OptimizerSettings;
  const own = read(settings, {});
  const groupsNode = map && valueAt(map, 'groups');
  const groups = groupsNode && readGroups(groupsNode, parameters, (group) => read(group, own, ['parameters']));
  const clipping = map && readClipping(map);
  return {
    kind,
    settings: own,
    ...(groups && { groups }),
    ...(clipping && { clipping }),
    origin: originOf(map, `optimizer, ${lineOf(node)}`),
  };
}

/** Each parameter in one group at most. */
function readGroups(
  node: DescriptionNode,
  parameters: Network['parameters'],
  settingsOf: (group: MapNode) => OptimizerSettings,
): ParameterGroup[] {
  const example = '[{parameters: [0.bias], weight_decay: 0}]';
  const known = parameters.map(({ id }) => id);
  const taken = new Set<string>();
  return expectList(node, 'groups', example).items.map((item) => {
    const group = expectMap(item, 'a group of parameters', example);
    const list = valueAt(group, 'parameters') ?? refuse(group.span, 'a group without parameters', `write ${example}`);
    const ids = expectList(list, 'parameters', '[0.bias]').items.map((each) => {
      const id = expectName(each, 'a parameter');
      if (!known.includes(id)) {
        refuse(each.span, `no parameter is called '${id}'`, suggest(id, known, 'parameters'));
      }
      if (taken.has(id)) refuse(each.span, `the parameter '${id}' stands in two groups`, 'keep it in one');
      taken.add(id);
      return id;
    });
    return { parameters: ids, settings: settingsOf(group) };
  });
}

function readClipping(map: MapNode): GradientClipping | undefined {
  const [norm, value] = [valueAt(map, 'clip_grad_norm'), valueAt(map, 'clip_grad_value')];
  if (norm && value) refuse(value.span, 'gradients are clipped both by norm and by value', 'keep one of them');
  if (value) return { kind: 'value', max: limit(value, 'clip_grad_value') };
  if (!norm) return undefined;
  if (norm.type !== 'map') return { kind: 'norm', max: limit(norm, 'clip_grad_norm'), type: 2 };
  onlyKeys(norm, ['max_norm', 'norm_type'], 'clip_grad_norm');
  const [max, type] = [valueAt(norm, 'max_norm'), valueAt(norm, 'norm_type')];
  if (!max) refuse(norm.span, 'clip_grad_norm needs max_norm', 'write clip_grad_norm: {max_norm: 1}');
  const kind = type ? expectNumber(type, 'norm_type') : 2;
  if (type && kind !== 1 && kind !== 2 && kind !== Number.POSITIVE_INFINITY) {
    refuse(type.span, `norm_type is ${kind}`, 'write 2, 1 or .inf');
  }
  return { kind: 'norm', max: limit(max, 'max_norm'), type: kind };
}

function limit(node: DescriptionNode, name: string): number {
  const value = expectNumber(node, name);
  return value >= 0 && Number.isFinite(value)
    ? value
    : refuse(node.span, `${name} is ${value}`, 'let it be a finite number of at least 0');
}
