import type { Shape } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { argument, asNumber, bool, dimension, int, NONE, tuple, unknown } from '../../python/values';

const receiver: BuiltinRow = (args) => argument(args, 0);
const nothing: BuiltinRow = () => NONE;

/** How many elements lie between neighbours of each axis, where the tensor lies in memory as it is written. */
const stride: BuiltinRow = (args, site, run) => {
  const { shape } = argument(args, 0) as { shape?: Shape };
  if (!shape) return unknown("the input's shape is not known", site);
  const strides = shape.map((_, axis) =>
    shape
      .slice(axis + 1)
      .map(dimension)
      .reduce((product, size) => run.binary('*', product, size, site), int(1)),
  );
  const at = args.positional[1] ?? args.keywords.get('dim');
  const axis = at && asNumber(at);
  if (at === undefined) return tuple(strides);
  return (axis === undefined ? undefined : strides.at(axis)) ?? unknown('the axis is not known', site);
};

/** What tensors say of themselves, their memory and their devices, and what only a machine is told. */
export const tensorFacts: BuiltinTable = {
  is_floating_point: (args) => {
    const value = argument(args, 0);
    return bool(value.type === 'tensor' && value.dtype === 'float32');
  },
  is_complex: () => bool(false),
  is_contiguous: () => bool(true),
  is_pinned: () => bool(false),
  is_shared: () => bool(false),
  is_inference: () => bool(false),
  element_size: () => int(4),
  get_device: () => int(-1),
  stride,
  numpy: receiver,
  share_memory_: receiver,
  coalesce: receiver,
  retain_grad: nothing,
  register_hook: nothing,
  register_post_accumulate_grad_hook: nothing,
  record_stream: nothing,
  backward: nothing,
};
