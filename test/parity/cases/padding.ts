import type { Attributes } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, KindCases } from '../layerCase';
import { B, each, F, fn, perhapsBatched } from './forms';

const MODES = {
  Constant: 'constant',
  Zero: 'constant',
  Reflection: 'reflect',
  Replication: 'replicate',
  Circular: 'circular',
};
type Prefix = keyof typeof MODES;

/** Sides for the last `rank` axes of 3 to 6 values each: padded, and now and then cropped. */
function drawSides(draw: Draw, rank: number, sizes: readonly number[], mode: string): number[] {
  return Array.from({ length: rank }, (_, i) => sizes[rank - 1 - i]!).flatMap((size) => {
    const most = mode === 'constant' || mode === 'replicate' ? 4 : mode === 'reflect' ? size - 1 : size;
    // What is wrapped around is what cropping leaves: PyTorch reads beyond it otherwise.
    const crops = mode !== 'circular' && draw.chance(0.2);
    return crops
      ? [-1, draw.int(0, Math.min(most, 2))]
      : [draw.int(0, Math.min(most, 4)), draw.int(0, Math.min(most, 4))];
  });
}

function paddingOf(prefix: Prefix, rank: number): KindCases {
  const mode = MODES[prefix];
  const value: Attributes = prefix === 'Constant' ? { value: 1.5 } : {};
  const sizes = [3, 4, 3].slice(0, rank);
  const asymmetric = sizes.flatMap((_, i) => [i % 2, 2]);
  const eights = sizes.map(() => 5);
  return {
    fixed: [
      ...each([[B, 2, ...sizes]], { padding: 1, ...value }, { padding: asymmetric, ...value }),
      ...each([[2, ...sizes]], { padding: 2, ...value }, { padding: sizes.flatMap(() => [1, -1]), ...value }),
    ],
    random(draw) {
      const own = draw.shape(rank, 3, 6);
      const uniform = draw.chance(0.25);
      return {
        attributes: {
          padding: uniform ? draw.int(-1, 2) : drawSides(draw, rank, own, mode),
          ...(prefix === 'Constant' && { value: draw.decimal(-2, 2) }),
        },
        inputs: [perhapsBatched(draw, [draw.int(1, 3), ...own])],
        batch: draw.int(1, 3),
      };
    },
    refused: [
      ...each([[2, 3, ...eights]], { padding: -3, ...value }, { padding: [1], ...value }),
      ...(mode === 'reflect' || mode === 'circular' ? each([[2, 3, ...eights]], { padding: 6 }) : []),
      ...(mode === 'constant' ? [] : each([sizes], { padding: 1 })),
      ...(mode === 'constant' ? [] : each([[2, 2, ...sizes, 2]], { padding: 1 })),
    ],
  };
}

const pad: KindCases = {
  fixed: [
    fn(`${F}.pad`, [[B, 2, 3]], { pad: [1, 2] }),
    fn(`${F}.pad`, [[B, 2, 3]], { pad: [0, 1, 2, 0], mode: 'constant', value: 0.5 }),
    fn(`${F}.pad`, [[B, 2, 3, 4]], { pad: [1, 2, 0, 1], mode: 'reflect' }),
    fn(`${F}.pad`, [[B, 2, 3, 4]], { pad: [1, 2, 3, 1], mode: 'replicate' }),
    fn(`${F}.pad`, [[B, 2, 3]], { pad: [3, 2], mode: 'circular' }),
    fn(`${F}.pad`, [[B, 2, 5]], { pad: [-1, 3], mode: 'reflect' }),
  ],
  random(draw) {
    const mode = draw.pick(['constant', 'constant', 'reflect', 'replicate', 'circular']);
    const rank = draw.int(1, 3);
    const sizes = draw.shape(rank, 3, 6);
    const sides = drawSides(draw, draw.int(mode === 'constant' ? 0 : rank, rank), sizes, mode);
    const given = mode === 'constant' ? draw.some({ value: draw.decimal(-2, 2) }) : { mode };
    return { ...fn(`${F}.pad`, [[B, draw.int(1, 3), ...sizes]], { pad: sides, ...given }), batch: draw.int(1, 3) };
  },
  refused: [
    fn(`${F}.pad`, [[2, 3, 4]], { pad: [1, 2, 3] }),
    fn(`${F}.pad`, [[2, 3, 4]], { pad: [1, 2, 1, 2, 1, 2, 1, 2] }),
    fn(`${F}.pad`, [[2, 3, 4]], { pad: [1, 2], mode: 'reflect', value: 1 }),
    fn(`${F}.pad`, [[3]], { pad: [1, 2], mode: 'reflect' }),
    fn(`${F}.pad`, [[2, 3, 4, 4]], { pad: [1, 2], mode: 'circular' }),
    fn(`${F}.pad`, [[2, 3, 4]], { pad: [-5, 6] }),
  ],
};

export const padding: FamilyCases = {
  ...Object.fromEntries(
    (Object.keys(MODES) as Prefix[]).flatMap((prefix) =>
      [1, 2, 3].map((rank): [string, KindCases] => [`${prefix}Pad${rank}d`, paddingOf(prefix, rank)]),
    ),
  ),
  pad,
};
