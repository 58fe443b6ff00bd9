import assert from 'node:assert/strict';
import type { AttributeValue } from '../../../src/engine/network';
import { normalizedAxes } from '../../../src/engine/report/normalizedAxes';

const over = (kind: string, outputShape: readonly number[] | null, attributes: Record<string, AttributeValue> = {}) =>
  normalizedAxes({ kind, outputShape, attributes })?.over ?? null;

describe('report: normalized axes', () => {
  it('names what a norm normalizes together, and over how many values', () => {
    const cases: readonly (readonly [ReturnType<typeof over>, string | null])[] = [
      [over('BatchNorm2d', [32, 64, 14, 14]), 'over N, H, W for each of 64 channels (m = 6,272 values each)'],
      [over('BatchNorm1d', [32, 64]), 'over N for each of 64 features (m = 32 values each)'],
      [over('SyncBatchNorm', [2, 8, 5]), 'over N, L for each of 8 channels (m = 10 values each)'],
      [over('BatchNorm3d', [2, 8, 3, 4, 5]), 'over N, D, H, W for each of 8 channels (m = 120 values each)'],
      [
        over('BatchNormalization', [32, 6, 6, 16], { axis: -1, trainable: true }),
        'over N, H, W for each of 16 channels (m = 1,152 values each)',
      ],
      [
        over('InstanceNorm2d', [4, 16, 14, 14]),
        'over H, W for each of 16 channels of each sample (m = 196 values each)',
      ],
      [
        over('GroupNorm', [4, 16, 14, 14], { num_groups: 4 }),
        'over C, H, W for each of 4 groups of 4 channels of each sample (m = 784 values each)',
      ],
      [over('GroupNorm', [4, 16, 14, 14], { num_groups: 1 }), 'over C, H, W of each sample (m = 3,136 values each)'],
      [
        over('GroupNormalization', [4, 14, 14, 16], { groups: 4, axis: -1 }),
        'over C, H, W for each of 4 groups of 4 channels of each sample (m = 784 values each)',
      ],
      [
        over('LayerNorm', [8, 128, 512], { normalized_shape: [512] }),
        'over C for each L of each sample (m = 512 values each)',
      ],
      [
        over('LayerNorm', [4, 16, 14, 14], { normalized_shape: [16, 14, 14] }),
        'over C, H, W of each sample (m = 3,136 values each)',
      ],
      [
        over('LayerNorm', [4, 14, 14, 16], { normalized_shape: [16] }),
        'over C for each H, W of each sample (m = 16 values each)',
      ],
      [
        over('RMSNorm', [8, 128, 512], { normalized_shape: [512] }),
        'over C for each L of each sample (m = 512 values each), by the root mean square: no mean is taken away',
      ],
      [over('Linear', [8, 10]), null],
      [over('BatchNorm2d', null), null],
      [over('GroupNorm', [4, 16], {}), null],
    ];
    for (const [found, expected] of cases) assert.equal(found, expected);
  });

  it('says what the batch has to do with it', () => {
    const why = (kind: string, attributes: Record<string, AttributeValue> = {}) =>
      normalizedAxes({ kind, outputShape: [4, 16, 7, 7], attributes })?.why ?? '';
    assert.match(why('BatchNorm2d'), /others of its batch; evaluation takes the running averages/);
    assert.match(why('BatchNorm2d', { track_running_stats: false }), /so it does in evaluation/);
    assert.match(why('FrozenBatchNorm2d'), /fixed/);
    assert.match(why('BatchNormalization', { axis: 1, trainable: false }), /fixed/);
    for (const [kind, attributes] of [
      ['GroupNorm', { num_groups: 2 }],
      ['InstanceNorm2d', {}],
      ['LayerNorm', { normalized_shape: [16, 7, 7] }],
    ] as const) {
      assert.match(why(kind, attributes), /No other sample takes part/);
    }
  });
});
