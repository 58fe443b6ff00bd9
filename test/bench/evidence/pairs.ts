import { candidatesFor } from '../../../src/engine/advisor/candidates';
import { findSites } from '../../../src/engine/advisor/sites';
import type { Network } from '../../../src/engine/network';
import { networkOf, repeat } from '../../measure';
import type { Pair } from './trials';

const mlp = (depth: number, activation: string, width = 64): Network =>
  networkOf({
    name: `MLP, ${depth} layers, ${activation}`,
    input: [64],
    batch: 32,
    layers: [repeat(depth, { Linear: { out_features: width } }, activation), { Linear: { out_features: 10 } }],
  });

const cnn = (depth: number): Network =>
  networkOf({
    name: `CNN, ${depth} layers, ReLU`,
    input: [3, 8, 8],
    batch: 32,
    layers: [
      repeat(depth, { Conv2d: { out_channels: 8, kernel_size: 3, padding: 1 } }, 'ReLU'),
      { AdaptiveAvgPool2d: { output_size: 1 } },
      'Flatten',
      { Linear: { out_features: 10 } },
    ],
  });

const alike = (network: Network): Pair => ({ name: network.name, network, changes: [] });

/** The network with a norm at each of its sites, as the advisor would put it. */
function withNorm(network: Network, norm: string): Pair {
  const candidate = candidatesFor(network, findSites(network)).find((other) => other.norm === norm);
  if (!candidate) throw new Error(`${norm} cannot be in ${network.name}`);
  return { name: `${network.name}: ${norm}`, network, changes: candidate.changes };
}

/** The same network under two names: what differs is the draw of the weights. */
export const nullPairs: readonly Pair[] = [alike(mlp(3, 'ReLU')), alike(mlp(4, 'Tanh')), alike(cnn(2))];

/** Networks that differ, from hardly at all to learning against not learning. */
export const differentPairs: readonly Pair[] = [
  withNorm(mlp(2, 'Tanh', 256), 'LayerNorm'),
  withNorm(cnn(4), 'GroupNorm'),
  withNorm(cnn(4), 'BatchNorm'),
  withNorm(mlp(10, 'Sigmoid'), 'BatchNorm'),
  withNorm(mlp(6, 'ReLU'), 'LayerNorm'),
];
