import assert from 'node:assert/strict';
import type { Network } from '../../../src/engine/network';
import { gradientPaths, type LayerFigures, layerFigures } from '../../../src/engine/probe';
import { networkOf, repeat } from '../../measure';

const linear = (width: number, init: object = {}) => ({ Linear: { out_features: width, init } });

/** The layers of each path, where every layer has the same gradient. */
function pathsOf(network: Network, gradient: (layer: string) => number = () => 1): string[][] {
  const figures = new Map<string, LayerFigures>(
    [...layerFigures(network, 4, [])].map(([id, one]) => [id, { ...one, outputGradientRms: gradient(id) }]),
  );
  return gradientPaths(network, figures).map((path) => path.map(({ layer }) => layer));
}

describe('paths of a gradient', () => {
  it('are one by role, without the head', () => {
    const network = networkOf({
      input: [3, 8, 8],
      layers: [
        repeat(3, { Conv2d: { out_channels: 4, kernel_size: 3, padding: 1 } }, 'ReLU'),
        'Flatten',
        repeat(2, linear(8), 'ReLU'),
        linear(10),
      ],
    });
    assert.deepEqual(pathsOf(network), [
      ['0', '2', '4'],
      ['7', '9'],
    ]);
  });

  it('keep the last of two layers', () => {
    assert.deepEqual(pathsOf(networkOf({ input: [8], layers: [linear(8), 'ReLU', linear(10)] })), [['0', '2']]);
  });

  it('never set one branch against another', () => {
    const tower = [linear(8), 'ReLU', linear(8), 'ReLU'];
    const network = networkOf({ input: [8], layers: [{ concat: [tower, tower] }, linear(10)] });
    assert.deepEqual(pathsOf(network), [
      ['0.1.0', '0.1.2'],
      ['0.0.0', '0.0.2'],
    ]);
  });

  it('leave out every head: of several outputs put together, and behind an activation', () => {
    const layers = [repeat(3, linear(8), 'ReLU'), { concat: [[linear(3), 'Sigmoid'], [linear(1)]] }];
    assert.deepEqual(pathsOf(networkOf({ input: [8], layers, loss: 'MSELoss' })), [['0', '2', '4']]);
  });

  it('follow a residual stream through its branches', () => {
    const layers = [linear(8), repeat(2, { residual: [linear(8), 'ReLU', linear(8)] }), linear(10)];
    assert.deepEqual(pathsOf(networkOf({ input: [8], layers })), [['0', '1.0', '1.2', '2.0', '2.2']]);
  });

  it('leave out what is exactly zero behind a gain that starts there', () => {
    const layers = [linear(8), { residual: [linear(8), 'ReLU', linear(8, { weight: 'zeros' })] }, linear(10)];
    const network = networkOf({ input: [8], layers });
    assert.deepEqual(
      pathsOf(network, (layer) => (layer === '1.0' ? 0 : 1)),
      [['0', '1.2']],
    );
  });
});
