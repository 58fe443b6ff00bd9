import { type Call, message } from '../../network';
import { fixed, type Graph, layerOf } from './graph';
import { usesBatch } from './kinds';
import { oneFinding, type Structure, type StructureRule } from './rule';

const SOURCE =
  'Radford et al. 2016, DCGAN, section 3: BatchNorm at all layers led to "sample oscillation and model instability", avoided by leaving it out at the generator\'s output and the discriminator\'s input';

/** ConvTranspose, BatchNorm, tanh or sigmoid, and out. */
function generatorOutput({ network, graph }: Structure): Call[] {
  return network.calls.filter((call) => {
    if (!usesBatch(graph, call) || !/^(ConvTranspose2d|KerasConv2DTranspose)$/.test(graph.source(call)?.kind ?? ''))
      return false;
    const squash = graph.onlyTaker(call);
    return squash !== undefined && /^(Tanh|Sigmoid)$/.test(squash.kind) && graph.isOutput(squash);
  });
}

/** A first convolution on the image, BatchNorm, LeakyReLU, in a network without pooling or sums that ends in one score. */
function discriminatorInput({ network, graph }: Structure): Call[] {
  const output = graph.shape(network.outputs[0] ?? '');
  const one = output !== undefined && (output.length === 1 || fixed(output[1]) === 1);
  const leaky = network.calls.filter(({ kind }) => kind === 'LeakyReLU').length;
  const others = network.calls.some((call) => /^(pooling|merge|attention|recurrent)$/.test(graph.role(call) ?? ''));
  if (!one || leaky < 2 || others) return [];
  return network.calls.filter((call) => usesBatch(graph, call) && isFirst(graph, call));
}

function isFirst(graph: Graph, norm: Call): boolean {
  const convolution = graph.source(norm);
  return (
    convolution !== undefined &&
    /^(Conv2d|KerasConv2D)$/.test(convolution.kind) &&
    graph.source(convolution) === undefined &&
    graph.onlyTaker(norm)?.kind === 'LeakyReLU'
  );
}

export const ganNormPlacement: StructureRule = {
  id: 'gan-norm-placement',
  severity: 'warning',
  finds: 'BatchNorm at the output of a convolutional generator, or behind the first layer of its discriminator',
  why: `At these two places BatchNorm ties an image's brightness and contrast to the rest of its batch: the generator cannot set them for one
image, and the discriminator cannot see them. Samples then swing from one look to another.`,
  figure: `${SOURCE}. No threshold. A generator is known by transposed convolutions that end in tanh or sigmoid, a discriminator by LeakyReLU and one score,
without pooling or sums.`,
  mend: 'Leave the norm out at these two places, and keep it everywhere else.',
  ignore: 'The network is no part of a GAN.',
  check: (structure) => {
    const out = generatorOutput(structure);
    const found = out.length > 0 ? out : discriminatorInput(structure);
    return oneFinding('gan-norm-placement', 'warning', found, (first) => ({
      message: message(
        'gan-norm-placement',
        out.length > 0
          ? '{layer} normalizes the images that the generator puts out: DCGAN leaves BatchNorm out there, and at the input of the discriminator.'
          : '{layer} normalizes right behind the first layer of the discriminator: DCGAN leaves BatchNorm out there, and at the output of the generator.',
        { layer: layerOf(first) },
      ),
      evidence: [
        {
          quantity: 'norms at such a place',
          value: found.length,
          unit: 'norms',
          threshold: 0,
          thresholdSource: SOURCE,
        },
      ],
    }));
  },
  cases: {
    fires: [
      `
# normscope: input=64x1x1
generator = nn.Sequential(
    nn.ConvTranspose2d(64, 32, 4, 1, 0, bias=False),
    nn.BatchNorm2d(32),
    nn.ReLU(),
    nn.ConvTranspose2d(32, 3, 4, 2, 1, bias=False),
    nn.BatchNorm2d(3),  # <-
    nn.Tanh(),
)
`,
      `
# normscope: input=3x16x16
discriminator = nn.Sequential(
    nn.Conv2d(3, 32, 4, 2, 1, bias=False),
    nn.BatchNorm2d(32),  # <-
    nn.LeakyReLU(0.2),
    nn.Conv2d(32, 64, 4, 2, 1, bias=False),
    nn.BatchNorm2d(64),
    nn.LeakyReLU(0.2),
    nn.Conv2d(64, 1, 4),
    nn.Sigmoid(),
)
`,
      `
import keras
from keras import layers

generator = keras.Sequential([
    keras.Input((100,)),
    layers.Dense(1024, use_bias=False),
    layers.Reshape((4, 4, 64)),
    layers.BatchNormalization(),
    layers.ReLU(),
    layers.Conv2DTranspose(3, 4, strides=2, padding='same', use_bias=False),
    layers.BatchNormalization(),  # <-
    layers.Activation('tanh'),
])
`,
    ],
    passes: [
      `
# normscope: input=64x1x1
generator = nn.Sequential(
    nn.ConvTranspose2d(64, 32, 4, 1, 0, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
    nn.ConvTranspose2d(32, 3, 4, 2, 1, bias=False), nn.Tanh()
)
`,
      `
# normscope: input=3x16x16
discriminator = nn.Sequential(
    nn.Conv2d(3, 32, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(32, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64),
    nn.LeakyReLU(0.2), nn.Conv2d(64, 1, 4), nn.Sigmoid()
)
`,
    ],
  },
};
