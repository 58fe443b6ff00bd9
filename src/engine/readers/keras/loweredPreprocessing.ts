import { asNumber, float, int, type ModuleValue, string, type Value } from '../python/values';
import {
  calls,
  config,
  isSaid,
  type Lower,
  type Lowering,
  numberOf,
  numbersOf,
  same,
  shapeOf,
  wordOf,
} from './lowering';
import { type Calls, ints, isTensor, operationNamed } from './operations';
import { isAugmentation, layerSpecs } from './specs';
import { stateOf } from './state';

const operation = (
  lowering: Lowering,
  name: string,
  positional: readonly Value[],
  keywords: Record<string, Value> = {},
): Value =>
  operationNamed(`keras.ops.${name}`)!(
    { positional, keywords: new Map(Object.entries(keywords)) },
    lowering.site,
    lowering.run,
  );

/** Random changes are left out: what goes in comes out, as in inference; what is taken for granted is said. */
const augmentation: Lower = (lowering) => {
  const { module, run } = lowering;
  const what = 'random augmentation';
  if (!run.findings.assumptions.some((each) => each.what === what))
    run.findings.assumptions.push({
      what,
      why: 'is left out: training sees images as they come in',
      source: module.source,
    });
  return same(lowering);
};

/** A window of that size in the middle, of images [N, H, W, C]. */
function middle(c: Calls, x: Value, sizes: readonly number[], target: readonly number[]): Value {
  return target.reduce((y, size, i) => {
    const start = Math.floor((sizes[i]! - size) / 2);
    return size >= sizes[i]! ? y : c.torch('narrow', [y, int(i + 1), int(start), int(size)]);
  }, x);
}

function imageSizes(lowering: Lowering): { sizes: [number, number]; target: [number, number] } | undefined {
  const shape = shapeOf(lowering);
  const [height, width] = [numberOf(lowering, 'height'), numberOf(lowering, 'width')];
  const [rows, columns] = shape?.length === 4 ? shape.slice(1, 3) : [];
  if (!height || !width || typeof rows !== 'number' || typeof columns !== 'number') return undefined;
  return { sizes: [rows, columns], target: [height, width] };
}

const unclear = (lowering: Lowering): Value =>
  lowering.run.unmodelled(lowering.module.class.name, 'its sizes or its input are not known', lowering.site);

/** Images in another size; cropped first to its proportions where that is asked for. */
function resizing(lowering: Lowering): Value {
  const known = imageSizes(lowering);
  if (!known) return unclear(lowering);
  const { sizes, target } = known;
  const c = calls(lowering);
  if (isSaid(lowering, 'pad_to_aspect_ratio'))
    return lowering.run.unmodelled('Resizing', 'pad_to_aspect_ratio is not modelled', lowering.site);
  let x = lowering.input;
  if (isSaid(lowering, 'crop_to_aspect_ratio')) {
    const [height, width] = sizes;
    const own: [number, number] = [
      Math.min(height, Math.floor((width * target[0]) / target[1])),
      Math.min(width, Math.floor((height * target[1]) / target[0])),
    ];
    x = middle(c, x, sizes, own);
  }
  return operation(lowering, 'image.resize', [x, ints(target)], {
    interpolation: string(wordOf(lowering, 'interpolation', 'bilinear')),
  });
}

/** A window in the middle; images that are smaller are enlarged to it. */
function centerCrop(lowering: Lowering): Value {
  const known = imageSizes(lowering);
  if (!known) return unclear(lowering);
  const { sizes, target } = known;
  if (sizes.some((size, i) => size < target[i]!)) return resizing(lowering);
  return middle(calls(lowering), lowering.input, sizes, target);
}

/** In training at random, in inference in the middle, which stands for both. */
const randomCrop: Lower = (lowering) => {
  const { module, run } = lowering;
  run.findings.assumptions.push({ what: 'RandomCrop', why: 'takes the middle of each image', source: module.source });
  return centerCrop(lowering);
};

/** One, several or counted of a number of tokens. */
function encoded(lowering: Lowering, indices: Value, tokens: number, mode: string): Value {
  const c = calls(lowering);
  const hot = operation(lowering, 'one_hot', [indices, int(tokens)]);
  if (mode === 'one_hot') {
    const shape = isTensor(hot) ? hot.shape : undefined;
    return shape && shape.length > 2 && shape.at(-2) === 1 ? c.torch('squeeze', [hot, int(-2)]) : hot;
  }
  const rank = isTensor(indices) ? (indices.shape?.length ?? 2) : 2;
  if (rank < 2) return hot;
  return c.torch(mode === 'count' ? 'sum' : 'amax', [hot], { dim: int(-2) });
}

function categoryEncoding(lowering: Lowering): Value {
  const tokens = numberOf(lowering, 'num_tokens');
  if (!tokens) return unclear(lowering);
  return encoded(lowering, lowering.input, tokens, wordOf(lowering, 'output_mode', 'multi_hot'));
}

/** How many boundaries lie at or below a value. */
function discretization(lowering: Lowering): Value {
  const bounds = numbersOf(lowering, 'bin_boundaries');
  if (bounds.length === 0)
    return lowering.run.unmodelled('Discretization', 'its boundaries come from data', lowering.site);
  const c = calls(lowering);
  const bins = c.torch('tensor', [{ type: 'list', items: bounds.map(float) }]);
  const place = operation(lowering, 'digitize', [lowering.input, bins]);
  const mode = wordOf(lowering, 'output_mode', 'int');
  return mode === 'int' ? place : encoded(lowering, place, bounds.length + 1, mode);
}

/** Its layers one after the other. */
const pipeline: Lower = (lowering) => {
  const layers = config(lowering, 'layers');
  const items = layers?.type === 'list' || layers?.type === 'tuple' ? layers.items : [];
  return items.reduce<Value>(
    (x, layer) => lowering.run.call(layer, { positional: [x], keywords: new Map() }, lowering.site),
    lowering.input,
  );
};

/** The words or numbers of a lookup, as the file gives them; undefined where they come from data. */
export function vocabularyOf(module: ModuleValue): readonly Value[] | undefined {
  const { config: own } = stateOf(module);
  const given = own.get('vocabulary');
  if (given?.type !== 'list' && given?.type !== 'tuple') return undefined;
  const count = own.get('num_oov_indices');
  const oov = count?.type === 'int' ? count.value : 1;
  const token = own.get('oov_token') ?? string('[UNK]');
  const mask = own.get('mask_token');
  const front = [...(mask && mask.type !== 'none' ? [mask] : []), ...Array.from({ length: oov }, () => token)];
  const words = given.items.filter(
    (word) => !(word.type === 'string' && token.type === 'string' && word.value === token.value),
  );
  return [...front, ...words];
}

/** Whole numbers by their place in a known vocabulary, 0 for what is not in it; texts are not modelled. */
function lookup(lowering: Lowering): Value {
  const { module, input, run, site } = lowering;
  const words = vocabularyOf(module)?.map(asNumber).slice(1);
  if (module.class.name !== 'IntegerLookup' || !words || words.includes(undefined))
    return run.unmodelled(module.class.name, 'what it looks up is not known before running', site);
  const c = calls(lowering);
  const known = c.torch('tensor', [{ type: 'list', items: words.map((word) => int(word!)) }]);
  const places = c.torch('tensor', [{ type: 'list', items: words.map((_, i) => int(i + 1)) }]);
  const found = c.on('==', c.torch('unsqueeze', [input, int(-1)]), known);
  const index = c.torch('sum', [c.on('*', found, places)], { dim: int(-1) });
  const mode = wordOf(lowering, 'output_mode', 'int');
  return mode === 'int' ? index : encoded(lowering, index, words.length + 1, mode.replace('binary', 'multi_hot'));
}

/** Layers that prepare data. */
export const loweredPreprocessing: Readonly<Record<string, Lower>> = {
  ...Object.fromEntries(
    Object.keys(layerSpecs)
      .filter(isAugmentation)
      .map((name) => [name, augmentation]),
  ),
  Resizing: resizing,
  CenterCrop: centerCrop,
  RandomCrop: randomCrop,
  CategoryEncoding: categoryEncoding,
  Discretization: discretization,
  Pipeline: pipeline,
  StringLookup: lookup,
  IntegerLookup: lookup,
  TextVectorization: lookup,
  Hashing: lookup,
};
