import type { Attribute } from '../../../layers';
import type { Attributes, AttributeValue, Unmodelled } from '../../../network';
import { asNumber, knownNumbers, type RecordValue, type TensorValue, truth, type Value } from '../../python/values';

type Table = Readonly<Record<string, Attribute<AttributeValue>>>;

/** `torch.nn.functional.mse_loss` as people write it. */
export const shortPath = (path: string): string =>
  path.replace(/^torch\.nn\.functional\./, 'F.').replace(/^torch\./, '');

/** The arguments of a recorded call by name. */
export function argumentsOf({ args }: RecordValue, parameters: readonly string[]): Map<string, Value> {
  const named = new Map(args.keywords);
  args.positional.forEach((value, i) => {
    const name = parameters[i];
    if (name !== undefined) named.set(name, value);
  });
  return named;
}

/** A Python value as a setting: a number, a switch, a word, or a tensor's numbers; undefined where it is not known. */
function settingValue(value: Value): AttributeValue | undefined {
  if (value.type === 'tensor') return tensorNumbers(value);
  const number = asNumber(value);
  if (value.type === 'bool') return truth(value) ?? undefined;
  if (number !== undefined) return number;
  if (value.type === 'string') return value.value;
  if (value.type === 'list' || value.type === 'tuple') {
    const items = value.items.map(asNumber);
    return items.includes(undefined) ? undefined : (items as number[]);
  }
  return undefined;
}

/** The numbers of a tensor that the script makes. */
function tensorNumbers(value: TensorValue): readonly number[] | undefined {
  if (value.place.kind === 'flow') return undefined;
  const initialization = value.place.kind === 'stored' ? value.place.tensor.initialization : value.place.initialization;
  const dims = value.shape ?? [];
  const count = dims.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : Number.NaN), 1);
  if (initialization?.kind === 'values') return [...initialization.values];
  return initialization?.kind === 'constant' && count <= 1_000_000
    ? new Array<number>(count).fill(initialization.value)
    : knownNumbers(value)?.values;
}

/**
 * The settings that a recorded call states, by the row's names. None and what the row does not know (`fused`) are left
 * out; what is not known before running, or does not fit, is noted, and its default holds.
 */
export function statedSettings(
  given: ReadonlyMap<string, Value>,
  table: Table,
  what: string,
  source: Unmodelled['source'],
  unmodelled: Unmodelled[],
): Attributes {
  const settings: Record<string, AttributeValue> = {};
  for (const [name, value] of withBetas(given)) {
    const setting = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!setting || value.type === 'none') continue;
    const read = settingValue(value);
    const accepted = read === undefined ? undefined : setting.accept(read);
    if (accepted !== undefined) settings[name] = accepted;
    else {
      const stands = `PyTorch's default (${JSON.stringify(setting.fallback)}) stands in its place`;
      const why =
        read === undefined
          ? `its ${name} is not known before running; ${stands}`
          : `its ${name} ${JSON.stringify(read)} is not modelled; ${stands}`;
      unmodelled.push({ what, why, source });
    }
  }
  return settings;
}

/** PyTorch's pair `betas` as the rows have it: two settings. */
function* withBetas(given: ReadonlyMap<string, Value>): Iterable<readonly [string, Value]> {
  for (const [name, value] of given) {
    if (name !== 'betas' || (value.type !== 'tuple' && value.type !== 'list')) yield [name, value];
    else for (const [i, beta] of value.items.entries()) yield [`beta${i + 1}`, beta];
  }
}
