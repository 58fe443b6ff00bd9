import type { BuiltinRow, BuiltinTable } from '../python/builtins/row';
import { type Arguments, argument, float, list, NONE, string, unknown, type Value } from '../python/values';

const nothing: BuiltinRow = () => NONE;

/** Names whose functions say something of Keras's state, or nothing. */
export const plainFunctions: BuiltinTable = {
  'keras.backend.floatx': () => string('float32'),
  'keras.config.floatx': () => string('float32'),
  'keras.backend.epsilon': () => float(1e-7),
  'keras.config.epsilon': () => float(1e-7),
  'keras.backend.backend': () => string('tensorflow'),
  'keras.config.backend': () => string('tensorflow'),
  'keras.backend.is_keras_tensor': (args) => ({ type: 'bool', value: argument(args, 0).type === 'tensor' }),
  'keras.utils.is_keras_tensor': (args) => ({ type: 'bool', value: argument(args, 0).type === 'tensor' }),
  'keras.ops.operation_utils.get_source_inputs': (args) => list([argument(args, 0)]),
  'keras.utils.get_source_inputs': (args) => list([argument(args, 0)]),
  'keras.utils.get_file': (_, site) => unknown('files are not read', site),
  'keras.utils.set_random_seed': nothing,
  'keras.backend.clear_session': nothing,
  'keras.utils.clear_session': nothing,
  'keras.utils.plot_model': nothing,
  'keras.mixed_precision.set_global_policy': nothing,
  'tensorflow.random.set_seed': nothing,
  'tensorflow.config.list_physical_devices': () => list([]),
};

/** The argument of a call, by name or place. */
export const named = (args: Arguments, name: string, place: number): Value | undefined => {
  const value = args.keywords.get(name) ?? args.positional[place];
  return value?.type === 'none' ? undefined : value;
};
