import { int, type ModuleValue, NONE, tuple, type Value } from '../python/values';
import { config, type Lower, type Lowering } from './lowering';
import { callRowLayer } from './rowLayer';
import { layerSpecs } from './specs';
import { kerasClassOf, stateOf } from './state';

/** Forward and backward over the sequence, joined as `merge_mode` says. */
function bidirectional(lowering: Lowering): Value {
  const { run, site, input, module } = lowering;
  const [forward, backward] = ['forward_layer', 'backward_layer'].map((name) => module.attributes.get(name));
  if (forward?.type !== 'module' || backward?.type !== 'module') {
    return run.unmodelled('Bidirectional', 'its layer is not known', site);
  }
  const mode = stateOf(module).config.get('merge_mode');
  const mask = lowering.args.keywords.get('mask');
  const keywords = new Map<string, Value>(mask ? [['mask', mask]] : []);
  const call = (layer: Value) => run.call(layer, { positional: [input], keywords }, site);
  const there = call(forward);
  const back = call(backward);
  const parts = (value: Value): Value[] =>
    value.type === 'list' || value.type === 'tuple' ? [...value.items] : [value];
  const [[y = NONE, ...states], [z = NONE, ...others]] = [parts(there), parts(back)];
  if (y.type !== 'tensor' || z.type !== 'tensor') return y.type === 'tensor' ? z : y;
  const turned =
    z.shape?.length === 3
      ? run.call(run.library('torch.flip'), { positional: [z, tuple([int(1)])], keywords: new Map() }, site)
      : z;
  const word = mode?.type === 'string' ? mode.value : mode?.type === 'none' ? 'none' : 'concat';
  const joined = (): Value => {
    if (word === 'sum') return run.binary('+', y, turned, site);
    if (word === 'mul') return run.binary('*', y, turned, site);
    if (word === 'ave') return run.binary('/', run.binary('+', y, turned, site), int(2), site);
    if (word === 'none') return tuple([y, turned]);
    return run.call(run.library('torch.cat'), { positional: [tuple([y, turned]), int(-1)], keywords: new Map() }, site);
  };
  const made = joined();
  return states.length + others.length === 0 ? made : { type: 'list', items: [made, ...states, ...others] };
}

/** The layer that runs a cell over a sequence. */
const LAYER_OF: Readonly<Record<string, string>> = { LSTMCell: 'LSTM', GRUCell: 'GRU', SimpleRNNCell: 'SimpleRNN' };

/** Cells of Keras's own as the layers that they make, one behind the other; each cell keeps its weights. */
function rnn(lowering: Lowering): Value {
  const { module, args, site, run, masks } = lowering;
  const cell = config(lowering, 'cell');
  const stacked =
    cell?.type === 'module' && kerasClassOf(cell) === 'StackedRNNCells' ? stateOf(cell).config.get('cells') : cell;
  const cells = stacked?.type === 'list' || stacked?.type === 'tuple' ? stacked.items : stacked ? [stacked] : [];
  const kinds = cells.map((each) => (each.type === 'module' ? LAYER_OF[kerasClassOf(each) ?? ''] : undefined));
  if (cells.length === 0 || kinds.includes(undefined))
    return run.unmodelled('RNN', "a cell of the file's own is not modelled", site);
  const said = stateOf(module).config;
  let y = lowering.input;
  cells.forEach((each, i) => {
    const own = each as ModuleValue;
    const { config: inner } = stateOf(own);
    for (const name of ['return_sequences', 'return_state', 'go_backwards', 'zero_output_for_mask']) {
      const value = said.get(name);
      if (value) inner.set(name, value);
    }
    // All but the last hand every step on.
    if (i < cells.length - 1) {
      inner.set('return_sequences', { type: 'bool', value: true });
      inner.delete('return_state');
    }
    if (i > 0) inner.delete('go_backwards');
    const positional = [y, ...(i === 0 ? args.positional.slice(1) : [])];
    const given = { positional, keywords: i === 0 ? args.keywords : new Map<string, Value>() };
    y = callRowLayer(own, layerSpecs[kinds[i]!]!, given, site, run, { masks });
  });
  return y;
}

/** Recurrent layers that others compute. */
export const loweredRecurrences: Readonly<Record<string, Lower>> = { Bidirectional: bidirectional, RNN: rnn };
