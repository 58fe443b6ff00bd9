import { truncatedNormal } from '../../network';
import { dimension, int, type StoredTensor, string, tensor, tuple, unknown, type Value } from '../python/values';
import { initializationOf } from './initializers';
import { calls, config, isSaid, type Lower, type Lowering, numberOf, shapeOf } from './lowering';
import { isTensor } from './operations';

/** A weight of the layer's own, made at the first call. */
function weight({ module }: Lowering, name: string, shape: readonly number[], drawn: Value): Value {
  const known = module.parameters.get(name);
  const stored: StoredTensor = known ?? {
    parameter: true,
    shape,
    initialization: initializationOf(drawn, shape) ?? { kind: 'constant', value: 0 },
    trainable: true,
  };
  module.parameters.set(name, stored);
  return tensor(stored.shape, { kind: 'stored', tensor: stored });
}

/** Rows by index, or, in reverse, the scores of all rows. */
function reversibleEmbedding(lowering: Lowering): Value {
  const { input, args, site, run } = lowering;
  const [rows, width] = [numberOf(lowering, 'input_dim'), numberOf(lowering, 'output_dim')];
  const shape = shapeOf(lowering);
  if (!rows || !width || !isTensor(input) || !shape)
    return run.unmodelled('ReversibleEmbedding', 'its sizes are not known', site);
  const drawn = config(lowering, 'embeddings_initializer') ?? string('uniform');
  const tied = config(lowering, 'tie_weights')?.type !== 'bool' || isSaid(lowering, 'tie_weights');
  const table = weight(lowering, 'embeddings', [rows, width], drawn);
  const back = tied ? undefined : weight(lowering, 'reverse_embeddings', [width, rows], drawn);
  const c = calls(lowering);
  const reverse = args.keywords.get('reverse') ?? args.positional[1];
  if (reverse?.type === 'bool' && reverse.value)
    return c.torch('matmul', [input, back ?? c.torch('transpose', [table, int(0), int(1)])]);
  const flat = c.torch('reshape', [input, tuple([int(-1)])]);
  const found = c.torch('index_select', [table, int(0), flat]);
  return c.torch('reshape', [found, tuple([...shape.map(dimension), int(width)])]);
}

/** Training divides the kernel by its largest singular value, in place; inference computes the layer as it is. */
function spectralNormalization(lowering: Lowering): Value {
  const { module, args, site, run } = lowering;
  const inner = config(lowering, 'layer');
  if (inner?.type !== 'module') return run.unmodelled('SpectralNormalization', 'its layer is not known', site);
  run.note(
    unknown("the division of its layer's kernel in training is not modelled", module.source),
    'SpectralNormalization',
  );
  const made = run.call(inner, { positional: args.positional, keywords: new Map() }, site);
  const kernel = inner.parameters.get('kernel') ?? inner.parameters.get('embeddings');
  // The singular vector that training follows: Keras counts it, and trains it not.
  if (kernel && !module.buffers.has('vector_u')) {
    const initialization = truncatedNormal(0, 0.02, -0.04, 0.04);
    module.buffers.set('vector_u', {
      parameter: false,
      shape: [1, kernel.shape.at(-1)!],
      initialization,
      trainable: false,
    });
  }
  return made;
}

/** Layers that others compute with weights of their own. */
export const loweredWeights: Readonly<Record<string, Lower>> = {
  ReversibleEmbedding: reversibleEmbedding,
  SpectralNormalization: spectralNormalization,
};
