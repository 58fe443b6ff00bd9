import type { Attributes, Shape } from '../../../src/engine/network';
import type { FamilyCases, InputValues, LayerCase } from '../layerCase';
import { B, batched, each, F, fn } from './forms';

const tokens = (below: number): InputValues => ({ integers: [0, below - 1] });
const offsets = (...numbers: readonly number[]): InputValues => ({ numbers, dtype: 'int64' });

export const embeddings: FamilyCases = {
  Embedding: {
    fixed: [
      ...each(
        [[B, 4]],
        { num_embeddings: 6, embedding_dim: 3 },
        { num_embeddings: 5, embedding_dim: 2, padding_idx: 1 },
        { num_embeddings: 5, embedding_dim: 2, padding_idx: -1, sparse: false },
      ),
      ...each([[B]], { num_embeddings: 5, embedding_dim: 3 }),
      fn(`${F}.embedding`, [
        [B, 3],
        [5, 4],
      ]),
      fn(
        `${F}.embedding`,
        [
          [B, 3],
          [5, 4],
        ],
        { padding_idx: 2 },
      ),
    ].map((one) => ({ ...one, values: [tokens(5)] })),
    random(draw) {
      const [rows, width] = draw.shape(2, 1, 7) as [number, number];
      const inputs: Shape[] = [batched(draw, draw.int(1, 3), 1, 4)];
      const padding: Attributes = draw.some({ padding_idx: draw.int(-rows, rows - 1) });
      const common = { batch: draw.int(1, 4), values: [tokens(rows)] };
      if (draw.chance(0.3)) return { ...fn(`${F}.embedding`, [...inputs, [rows, width]], padding), ...common };
      return { attributes: { num_embeddings: rows, embedding_dim: width, ...padding }, inputs, ...common };
    },
    refused: [
      { attributes: { num_embeddings: 3, embedding_dim: 2 }, inputs: [[3]] },
      { attributes: { num_embeddings: 3, embedding_dim: 2 }, inputs: [[3]], values: [{ booleans: 0.5 }] },
      { attributes: { num_embeddings: 3, embedding_dim: 2, padding_idx: 4 }, inputs: [[3]], values: [tokens(3)] },
    ],
  },
  EmbeddingBag: {
    fixed: [
      ...(['sum', 'mean', 'max'] as const).flatMap((mode): LayerCase[] => [
        { attributes: { num_embeddings: 6, embedding_dim: 3, mode }, inputs: [[B, 4]], values: [tokens(6)] },
        {
          attributes: { num_embeddings: 6, embedding_dim: 3, mode, operands: ['offsets'] },
          inputs: [[7], [3]],
          values: [tokens(6), offsets(0, 2, 6)],
        },
        {
          attributes: { num_embeddings: 6, embedding_dim: 3, mode, padding_idx: 2 },
          inputs: [[B, 5]],
          values: [tokens(6)],
        },
      ]),
      {
        attributes: {
          num_embeddings: 6,
          embedding_dim: 3,
          mode: 'sum',
          include_last_offset: true,
          operands: ['offsets'],
        },
        inputs: [[7], [4]],
        values: [tokens(6), offsets(0, 2, 2, 7)],
      },
      {
        attributes: {
          num_embeddings: 6,
          embedding_dim: 3,
          mode: 'sum',
          operands: ['offsets', 'per_sample_weights'],
        },
        inputs: [[7], [3], [7]],
        values: [tokens(6), offsets(0, 2, 6), undefined],
      },
      {
        ...fn(`${F}.embedding_bag`, [
          [B, 4],
          [6, 3],
        ]),
        values: [tokens(6)],
      },
      {
        ...fn(`${F}.embedding_bag`, [[7], [6, 3], [2]], { mode: 'sum', operands: ['offsets'] }),
        values: [tokens(6), undefined, offsets(0, 3)],
      },
    ],
    random(draw) {
      const [rows, width] = draw.shape(2, 2, 7) as [number, number];
      const attributes = {
        num_embeddings: rows,
        embedding_dim: width,
        ...draw.some({ mode: draw.pick(['sum', 'mean', 'max']), padding_idx: draw.int(-rows, rows - 1) }),
      };
      if (draw.chance())
        return { attributes, inputs: [[B, draw.int(1, 5)]], values: [tokens(rows)], batch: draw.int(1, 4) };
      const length = draw.int(1, 9);
      const starts = [0, ...draw.ints(draw.int(0, 3), 0, length - 1).sort((a, b) => a - b)];
      return {
        attributes: { ...attributes, operands: ['offsets'] },
        inputs: [[length], [starts.length]],
        values: [tokens(rows), offsets(...starts)],
      };
    },
    refused: [
      { attributes: { num_embeddings: 3, embedding_dim: 2 }, inputs: [[2]], values: [tokens(3)] },
      { attributes: { num_embeddings: 3, embedding_dim: 2 }, inputs: [[2, 2, 2]], values: [tokens(3)] },
    ],
  },
  one_hot: {
    fixed: [{ ...fn(`${F}.one_hot`, [[B, 4]], { num_classes: 5 }), values: [tokens(5)] }],
    random(draw) {
      const classes = draw.int(1, 6);
      return {
        ...fn(`${F}.one_hot`, [batched(draw, draw.int(1, 3))], { num_classes: classes }),
        batch: draw.int(1, 4),
        values: [tokens(classes)],
      };
    },
    refused: [fn(`${F}.one_hot`, [[3]], { num_classes: 3 })],
  },
  Bilinear: {
    fixed: [
      ...each(
        [
          [B, 3],
          [B, 4],
        ],
        { in1_features: 3, in2_features: 4, out_features: 2 },
        { in1_features: 3, in2_features: 4, out_features: 5, bias: false },
      ),
      ...each(
        [
          [B, 2, 3],
          [B, 2, 4],
        ],
        { in1_features: 3, in2_features: 4, out_features: 2 },
      ),
      fn(`${F}.bilinear`, [[B, 3], [B, 4], [2, 3, 4], [2]]),
      fn('torch.bilinear', [
        [B, 3],
        [B, 4],
        [2, 3, 4],
      ]),
    ],
    random(draw) {
      const [in1, in2, out] = draw.shape(3) as [number, number, number];
      const lead: Shape = [B, ...draw.shape(draw.int(0, 2), 1, 3)];
      const inputs: Shape[] = [
        [...lead, in1],
        [...lead, in2],
      ];
      const batch = draw.int(1, 4);
      if (draw.chance(0.3)) {
        const bias: Shape[] = draw.chance() ? [[out]] : [];
        return { ...fn(draw.pick([`${F}.bilinear`, 'torch.bilinear']), [...inputs, [out, in1, in2], ...bias]), batch };
      }
      return {
        attributes: { in1_features: in1, in2_features: in2, out_features: out, ...draw.some({ bias: draw.chance() }) },
        inputs,
        batch,
      };
    },
    refused: [
      {
        attributes: { in1_features: 3, in2_features: 4, out_features: 2 },
        inputs: [
          [2, 3],
          [3, 4],
        ],
      },
      {
        attributes: { in1_features: 3, in2_features: 4, out_features: 2 },
        inputs: [
          [2, 3],
          [2, 5],
        ],
      },
      {
        attributes: { in1_features: 3, in2_features: 4, out_features: 2 },
        inputs: [
          [2, 5],
          [2, 4],
        ],
      },
      {
        attributes: { in1_features: 0, in2_features: 4, out_features: 2 },
        inputs: [
          [2, 0],
          [2, 4],
        ],
      },
    ],
  },
};
