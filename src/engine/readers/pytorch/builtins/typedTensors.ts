import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Value } from '../../python/values';

/** Torch's old classes of tensors by their elements, and the type that each stands for. */
const ELEMENTS = {
  FloatTensor: 'float32',
  DoubleTensor: 'float64',
  HalfTensor: 'float16',
  BFloat16Tensor: 'bfloat16',
  LongTensor: 'int64',
  IntTensor: 'int32',
  ShortTensor: 'int16',
  CharTensor: 'int8',
  ByteTensor: 'uint8',
  BoolTensor: 'bool',
} as const;

/** `torch.FloatTensor(3, 4)` is a new tensor of these sizes, `torch.LongTensor([1, 2])` one of these values. */
export function typedTensors(empty: BuiltinRow, tensor: BuiltinRow): BuiltinTable {
  const ofType =
    (type: string): BuiltinRow =>
    (args, site, run) => {
      const dtype: Value = { type: 'library', path: `torch.${type}` };
      const [data] = args.positional;
      const given = data?.type === 'list' || (data?.type === 'tuple' && !data.size) || data?.type === 'tensor';
      return (given ? tensor : empty)({ ...args, keywords: new Map([['dtype', dtype]]) }, site, run);
    };
  const rows = Object.entries(ELEMENTS).map(([name, type]) => [name, ofType(type)] as const);
  return Object.fromEntries(rows.flatMap(([name, row]) => [[name, row] as const, [`cuda.${name}`, row] as const]));
}
