import { xavierUniform } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { copyOf } from '../../python/builtins/standardLibrary';
import type { Evaluation } from '../../python/evaluator';
import { newModule } from '../../python/modules/moduleValue';
import { namedModules, namedTensors } from '../../python/modules/named';
import {
  type Arguments,
  argument,
  asNumber,
  bool,
  bound,
  int,
  type ModuleValue,
  NONE,
  positional,
  truth,
  type Value,
} from '../../python/values';
import { layerFunction } from './layers';

type Site = Parameters<BuiltinRow>[1];

const own = (args: Arguments): Arguments => ({ ...args, positional: args.positional.slice(1) });

/** A ModuleList of so many copies of a layer, each with parameters of its own. */
function copies(layer: Value, count: number, site: Site, run: Evaluation): ModuleValue {
  const list = newModule(run.libraryClass('torch.nn.ModuleList')!, site);
  list.ready = true;
  for (let i = 0; i < count; i++) {
    const copy = copyOf(layer, true);
    if (copy.type === 'module') list.children.set(String(i), copy);
  }
  return list;
}

/** `__init__` of the stacks: a layer to copy, how often, and a norm behind the last. */
const stackOf =
  (layerName: string): BuiltinRow =>
  (args, site, run) => {
    const module = argument(args, 0) as ModuleValue;
    module.ready = true;
    const { [layerName]: layer, num_layers, norm } = bound(own(args), layerName, 'num_layers', 'norm');
    const count = num_layers && asNumber(num_layers);
    const unknownPart = [layer, num_layers, norm, args.open].find((value) => value?.type === 'unknown');
    if (unknownPart?.type === 'unknown') {
      module.opaque = unknownPart;
      run.note(unknownPart, module.class.name);
      return NONE;
    }
    if (layer?.type !== 'module' || count === undefined) {
      const missing = layer?.type === 'module' ? 'num_layers' : layerName;
      const what = `${module.class.name}.__init__() missing 1 required positional argument: '${missing}'`;
      return run.raise('TypeError', what, site);
    }
    run.setAttribute(module, 'layers', copies(layer, count, site, run), site);
    module.attributes.set('num_layers', int(count));
    run.setAttribute(module, 'norm', norm ?? NONE, site);
    return NONE;
  };

/** A hint that is not given is none: the mask itself, which PyTorch would look at, has the same effect. */
const hint = (value: Value | undefined): Value => bool(value !== undefined && truth(value) === true);

/** Runs a stack's layers one behind the other, then its norm. `first` goes through, the rest each layer gets. */
function through(module: ModuleValue, first: Value, rest: Arguments, site: Site, run: Evaluation): Value {
  let x = first;
  for (const layer of run.iterate(run.attribute(module, 'layers', site), site) ?? []) {
    x = run.call(layer, { positional: [x, ...rest.positional], keywords: rest.keywords }, site);
  }
  const norm = run.attribute(module, 'norm', site);
  return norm.type === 'none' ? x : run.call(norm, positional(x), site);
}

const keywordsOf = (entries: Readonly<Record<string, Value | undefined>>): Map<string, Value> =>
  new Map(Object.entries(entries).flatMap(([name, value]) => (value ? [[name, value] as const] : [])));

const encoder: BuiltinTable = {
  __init__: stackOf('encoder_layer'),
  forward(args, site, run) {
    const module = argument(args, 0) as ModuleValue;
    const given = bound(own(args), 'src', 'mask', 'src_key_padding_mask', 'is_causal');
    const keywords = keywordsOf({
      src_mask: given.mask,
      src_key_padding_mask: given.src_key_padding_mask,
      is_causal: hint(given.is_causal),
    });
    return through(module, given.src ?? NONE, { positional: [], keywords }, site, run);
  },
};

const DECODER_MASKS = ['tgt_mask', 'memory_mask', 'tgt_key_padding_mask', 'memory_key_padding_mask'] as const;

const decoder: BuiltinTable = {
  __init__: stackOf('decoder_layer'),
  forward(args, site, run) {
    const module = argument(args, 0) as ModuleValue;
    const given = bound(own(args), 'tgt', 'memory', ...DECODER_MASKS, 'tgt_is_causal', 'memory_is_causal');
    const keywords = keywordsOf({
      ...Object.fromEntries(DECODER_MASKS.map((name) => [name, given[name]])),
      tgt_is_causal: hint(given.tgt_is_causal),
      memory_is_causal: hint(given.memory_is_causal),
    });
    const { tgt = NONE, memory = NONE } = given;
    return through(module, tgt, { positional: [memory], keywords }, site, run);
  },
};

const SIZES = ['d_model', 'nhead', 'num_encoder_layers', 'num_decoder_layers', 'dim_feedforward', 'dropout'] as const;
const OPTIONS = ['layer_norm_eps', 'batch_first', 'norm_first', 'bias'] as const;
const DEFAULTS: Readonly<Record<string, Value>> = {
  d_model: int(512),
  nhead: int(8),
  num_encoder_layers: int(6),
  num_decoder_layers: int(6),
};

const transformer: BuiltinTable = {
  __init__(args, site, run) {
    const module = argument(args, 0) as ModuleValue;
    module.ready = true;
    const names = [...SIZES, 'activation', 'custom_encoder', 'custom_decoder', ...OPTIONS];
    const given: Readonly<Record<string, Value | undefined>> = { ...DEFAULTS, ...bound(own(args), ...names) };
    const make = (kind: string, keywords: Readonly<Record<string, Value | undefined>>) =>
      run.call(run.libraryClass(`torch.nn.${kind}`)!, { positional: [], keywords: keywordsOf(keywords) }, site);
    const layer = Object.fromEntries(
      ['d_model', 'nhead', 'dim_feedforward', 'dropout', 'activation', ...OPTIONS].map((name) => [name, given[name]]),
    );
    const stack = (side: 'Encoder' | 'Decoder') =>
      make(`Transformer${side}`, {
        [`${side.toLowerCase()}_layer`]: make(`Transformer${side}Layer`, layer),
        num_layers: given[`num_${side.toLowerCase()}_layers`],
        norm: make('LayerNorm', { normalized_shape: given.d_model, eps: given.layer_norm_eps, bias: given.bias }),
      });
    for (const side of ['Encoder', 'Decoder'] as const) {
      const name = side.toLowerCase();
      const custom = given[`custom_${name}`];
      run.setAttribute(module, name, custom && custom.type !== 'none' ? custom : stack(side), site);
    }
    // Every matrix is drawn anew.
    for (const stored of namedTensors(namedModules(module), 'parameters').keys()) {
      if (stored.shape.length > 1) stored.initialization = xavierUniform(stored.shape);
    }
    for (const name of ['d_model', 'nhead']) module.attributes.set(name, given[name]!);
    module.attributes.set('batch_first', given.batch_first ?? bool(false));
    return NONE;
  },
  forward(args, site, run) {
    const module = argument(args, 0) as ModuleValue;
    const masks = [
      'src_mask',
      'tgt_mask',
      'memory_mask',
      'src_key_padding_mask',
      'tgt_key_padding_mask',
      'memory_key_padding_mask',
      'src_is_causal',
      'tgt_is_causal',
      'memory_is_causal',
    ] as const;
    const given = bound(own(args), 'src', 'tgt', ...masks);
    const memory = run.call(
      run.attribute(module, 'encoder', site),
      {
        positional: [given.src ?? NONE],
        keywords: keywordsOf({
          mask: given.src_mask,
          src_key_padding_mask: given.src_key_padding_mask,
          is_causal: given.src_is_causal,
        }),
      },
      site,
    );
    const keywords = keywordsOf(
      Object.fromEntries(masks.filter((name) => !name.startsWith('src_')).map((name) => [name, given[name]])),
    );
    return run.call(
      run.attribute(module, 'decoder', site),
      { positional: [given.tgt ?? NONE, memory], keywords },
      site,
    );
  },
  generate_square_subsequent_mask(args, site, run) {
    const static_ = args.positional[0]?.type === 'module' ? own(args) : args;
    return layerFunction('torch.nn.Transformer.generate_square_subsequent_mask')!(static_, site, run);
  },
};

/** PyTorch's stacks of transformer layers: how each is filled and run. */
export const transformers: Readonly<Record<string, BuiltinTable>> = {
  TransformerEncoder: encoder,
  TransformerDecoder: decoder,
  Transformer: transformer,
};
