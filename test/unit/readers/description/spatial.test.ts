import assert from 'node:assert/strict';
import { formatShape } from '../../../../src/engine/network';
import { writeDescription } from '../../../../src/engine/readers/description';
import { lines, read, refusal } from './reading';

const shapes = (network: ReturnType<typeof lines>): string[] =>
  network.calls.map(({ id, outputShapes }) => `${id} ${formatShape(outputShapes[0]!)}`);

describe('description: spatial layers', () => {
  it('takes input channels from the input, and ints or lists for sizes', () => {
    const network = lines(
      `  - Conv1d: {out_channels: 4, kernel_size: 3, padding: same, padding_mode: reflect}
  - MaxPool1d: {kernel_size: 2}
  - ConvTranspose1d: {out_channels: 6, kernel_size: [4], stride: 2, padding: 1, groups: 2}
  - Upsample: {scale_factor: 1.5, mode: linear}
  - ReplicationPad1d: {padding: [1, 2]}
  - AdaptiveMaxPool1d: {output_size: 5}`,
      'input: [2, 16]',
    );
    assert.deepEqual(shapes(network), [
      '0 [batch, 4, 16]',
      '1 [batch, 4, 8]',
      '2 [batch, 6, 16]',
      '3 [batch, 6, 24]',
      '4 [batch, 6, 27]',
      '5 [batch, 6, 5]',
    ]);
    assert.deepEqual(
      network.parameters.map(({ id, shape }) => `${id} ${shape}`),
      ['0.weight 4,2,3', '0.bias 4', '2.weight 4,3,4', '2.bias 6'],
    );
  });

  it('takes functions that have no class, and writes them so that they are read the same', () => {
    const network = lines(
      `  - pad: {pad: [1, 1], mode: circular}
  - roll: {shifts: 1, dims: 2}
  - flip: {dims: [1, 2]}
  - Tensor.unfold: {dimension: 2, size: 3, step: 3}
  - Tensor.unfold: {dimension: 1, size: 2, step: 1}
  - Flatten: {start_dim: 2}
  - interpolate: {size: 7, mode: nearest-exact}`,
      'input: [4, 7]',
    );
    const expected = [
      'pad [batch, 4, 9]',
      'roll [batch, 4, 9]',
      'flip [batch, 4, 9]',
      'unfold [batch, 4, 3, 3]',
      'unfold_1 [batch, 3, 3, 3, 2]',
      '0 [batch, 3, 18]',
      'interpolate [batch, 3, 7]',
    ];
    assert.deepEqual(shapes(network), expected);
    assert.deepEqual(shapes(read(writeDescription(network))), expected);
  });

  it('says what an attribute takes', () => {
    const line = (layer: string) => refusal(`input: [2, 8, 8]\nlayers:\n  - ${layer}`);
    assert.match(line('Conv2d: {out_channels: 2, kernel_size: [3, 3, 3]}'), /a whole number or two/);
    assert.match(
      line('Conv3d: {out_channels: 2, kernel_size: 3}'),
      /conv3d takes \[batch, channels, depth, height, width\], but got input of size: \[batch, 2, 8, 8\]/,
    );
    assert.match(line('Conv2d: {out_channels: 2, kernel_size: 3, padding: full}'), /'same' or 'valid'/);
    assert.match(line('Upsample: {scale_factor: two}'), /a number, or one for each dimension or none/);
    assert.match(line('PixelShuffle: {upscale_factor: 2}'), /divisible by the square of upscale_factor/);
    assert.match(
      line('ConvTranspose2d: {out_channels: 2, kernel_size: 3, output_padding: 1}'),
      /output padding must be/,
    );
  });
});
