import type { FamilyCases } from '../layerCase';
import { B, F, fn } from './forms';

const SAMPLE = `${F}.grid_sample`;
const AFFINE = `${F}.affine_grid`;

export const grids: FamilyCases = {
  grid_sample: {
    fixed: [
      fn(SAMPLE, [
        [B, 3, 4, 5],
        [B, 2, 3, 2],
      ]),
      ...(['zeros', 'border', 'reflection'] as const).flatMap((padding_mode) =>
        [true, false].map((align_corners) =>
          fn(
            SAMPLE,
            [
              [B, 2, 4, 5],
              [B, 3, 3, 2],
            ],
            { padding_mode, align_corners },
          ),
        ),
      ),
      fn(
        SAMPLE,
        [
          [B, 2, 4, 5],
          [B, 3, 3, 2],
        ],
        { mode: 'nearest' },
      ),
      fn(
        SAMPLE,
        [
          [B, 2, 3, 4, 5],
          [B, 2, 2, 2, 3],
        ],
        { align_corners: true },
      ),
    ],
    random(draw) {
      const spatial = draw.pick([2, 2, 3]);
      return {
        ...fn(
          SAMPLE,
          [
            [B, draw.int(1, 3), ...draw.shape(spatial, 2, 5)],
            [B, ...draw.shape(spatial, 1, 4), spatial],
          ],
          {
            mode: draw.pick(['bilinear', 'bilinear', 'nearest']),
            padding_mode: draw.pick(['zeros', 'border', 'reflection']),
            align_corners: draw.chance(),
          },
        ),
        batch: draw.int(1, 3),
      };
    },
    refused: [
      fn(SAMPLE, [
        [2, 3, 4, 5],
        [3, 2, 3, 2],
      ]),
      fn(SAMPLE, [
        [2, 3, 4, 5],
        [2, 2, 3, 3],
      ]),
    ],
  },
  affine_grid: {
    fixed: [
      fn(AFFINE, [[B, 2, 3]], { size: [B, 3, 4, 5], align_corners: false }),
      fn(AFFINE, [[B, 2, 3]], { size: [B, 3, 4, 5], align_corners: true }),
      fn(AFFINE, [[B, 3, 4]], { size: [B, 1, 2, 4, 3] }),
    ],
    random(draw) {
      const spatial = draw.int(2, 3);
      return {
        ...fn(AFFINE, [[B, spatial, spatial + 1]], {
          size: [B, draw.int(1, 3), ...draw.shape(spatial)],
          align_corners: draw.chance(),
        }),
        batch: draw.int(1, 4),
      };
    },
    refused: [fn(AFFINE, [[2, 3, 3]], { size: [2, 3, 4, 5] })],
  },
};
