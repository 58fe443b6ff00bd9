import { type Attribute, AttributeError } from '../../layers';
import type { Attributes, AttributeValue } from '../../network';
import { attributeValue } from './attributes';
import { type DescriptionNode, expectList, expectMap, type MapNode, onlyKeys, refuse, suggest } from './node';

/** Settings of a loss or an optimizer by name. */
export type SettingTable = Readonly<Record<string, Attribute<AttributeValue>>>;

/** PyTorch's pair, which may stand for its two members. */
export const BETAS = 'betas';
export const betaNames = ['beta1', 'beta2'] as const;

const isNothing = (node: DescriptionNode): boolean => node.type === 'scalar' && node.value === null;

/** A kind alone, or the one kind of a mapping with its settings: `MSELoss`, `{HuberLoss: {delta: 2}}`. */
export function kindAndSettings<K extends string>(
  node: DescriptionNode,
  subject: string,
  kinds: readonly K[],
  beside: readonly string[],
  example: string,
): { kind: K; settings?: DescriptionNode; map?: MapNode } {
  const known = (name: string, place: DescriptionNode['span']): K =>
    kinds.find((kind) => kind === name) ?? refuse(place, `unknown ${subject} '${name}'`, suggest(name, kinds, 'known'));
  if (node.type === 'scalar' && typeof node.value === 'string') return { kind: known(node.value, node.span) };
  const map = expectMap(node, subject, example);
  const [entry, second] = [...map.entries.values()].filter(({ key }) => !beside.includes(key));
  if (!entry || second) refuse(second?.keySpan ?? map.span, `${subject} takes one kind`, `write ${example}`);
  const kind = known(entry.key, entry.keySpan);
  return { kind, map, ...(!isNothing(entry.value) && { settings: entry.value }) };
}

/**
 * The settings that a mapping states, those that it leaves out left out; `check` sees them all.
 * @throws InputError at the setting that does not fit.
 */
export function readSettings(
  kind: string,
  table: SettingTable,
  node: DescriptionNode | undefined,
  check: (given: Attributes) => void,
  reserved: readonly string[] = [],
): Attributes {
  if (!node) return {};
  const map = expectMap(node, kind, '{name: value}');
  const names = Object.keys(table);
  onlyKeys(map, betaNames[0] in table ? [...names, BETAS, ...reserved] : [...names, ...reserved], kind);
  const given: Record<string, AttributeValue> = {};
  const places = new Map<string, DescriptionNode>();
  const put = (name: string, value: DescriptionNode) => {
    given[name] = attributeValue(value);
    places.set(name, value);
  };
  for (const { key, value } of map.entries.values()) {
    if (reserved.includes(key)) continue;
    if (key !== BETAS) put(key, value);
    else
      pairOf(value).forEach((beta, i) => {
        put(betaNames[i]!, beta);
      });
  }
  try {
    check(given);
  } catch (error) {
    if (!(error instanceof AttributeError)) throw error;
    const place = places.get(error.attribute) ?? map;
    refuse(place.span, error.message, 'change it, or leave it out for its default');
  }
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, table[name]!.accept(value)!]));
}

function pairOf(node: DescriptionNode): readonly DescriptionNode[] {
  const { items } = expectList(node, BETAS, '[0.9, 0.999]');
  if (items.length !== 2) refuse(node.span, `betas takes two numbers, not ${items.length}`, 'write [0.9, 0.999]');
  return items;
}
