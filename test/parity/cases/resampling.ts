import type { Attributes } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, LayerCase } from '../layerCase';
import { B, each, F, fn } from './forms';

/** The modes that interpolate between values, by the input's spatial dimensions. */
const LINEAR = ['linear', 'bilinear', 'trilinear'] as const;

/** A new size or a factor for `rank` axes. */
function drawTarget(draw: Draw, rank: number): Attributes {
  const factor = () => draw.pick([0.5, 0.75, 1, 1.5, 1.7, 2, 2.5, 3]);
  if (draw.chance()) return { size: draw.chance(0.3) ? draw.int(1, 9) : draw.ints(rank, 1, 9) };
  return { scale_factor: draw.chance() ? factor() : Array.from({ length: rank }, factor) };
}

/** A mode that inputs of this rank have, with what it takes. */
function drawMode(draw: Draw, rank: number): Attributes {
  const interpolating = rank === 2 ? ['bilinear', 'bicubic'] : [LINEAR[rank - 1]!];
  const mode = draw.pick(['nearest', 'nearest-exact', 'area', ...interpolating, ...interpolating]);
  return { mode, ...(interpolating.includes(mode) && draw.some({ align_corners: draw.chance() })) };
}

/** Sizes of which every factor leaves something. */
const drawSizes = (draw: Draw, rank: number): number[] => draw.ints(rank, 2, rank === 3 ? 4 : 8);

const recomputed = (draw: Draw, target: Attributes): Attributes =>
  'scale_factor' in target ? draw.some({ recompute_scale_factor: draw.chance() }, 0.4) : {};

function randomUpsample(draw: Draw): LayerCase {
  const rank = draw.int(1, 3);
  const target = drawTarget(draw, rank);
  return {
    attributes: { ...target, ...drawMode(draw, rank), ...recomputed(draw, target) },
    inputs: [[B, draw.int(1, 3), ...drawSizes(draw, rank)]],
    batch: draw.int(1, 3),
  };
}

function randomInterpolation(draw: Draw): LayerCase {
  const one = randomUpsample(draw);
  const name = `${F}.interpolate`;
  if (draw.chance(0.75)) return { ...one, function: name };
  const mode = draw.pick(['bilinear', 'bicubic', 'lanczos']);
  const corners = mode === 'lanczos' ? {} : draw.some({ align_corners: draw.chance() }, 0.3);
  // Two values at least: PyTorch 2.13 repeats the first row where an antialiased image becomes one value wide.
  const attributes = { size: draw.ints(2, 2, 9), mode, ...corners, antialias: true };
  return { ...fn(name, [[B, draw.int(1, 2), ...drawSizes(draw, 2)]], attributes), batch: draw.int(1, 3) };
}

const randomUpsampling2d =
  (name: string) =>
  (draw: Draw): LayerCase => ({
    attributes: drawTarget(draw, 2),
    inputs: [[B, draw.int(1, 3), ...drawSizes(draw, 2)]],
    batch: draw.int(1, 3),
    ...(draw.chance(0.3) && { function: name }),
  });

const row = [B, 2, 5];
const square = [B, 2, 4, 5];
const cube = [B, 1, 3, 2, 4];
const interpolate = (inputs: readonly (typeof square)[], attributes: Attributes): LayerCase =>
  fn(`${F}.interpolate`, inputs, attributes);

const small = [2, 3, 8, 8];

export const resampling: FamilyCases = {
  Upsample: {
    fixed: [
      ...each(
        [square],
        { scale_factor: 2 },
        { size: [3, 9] },
        { scale_factor: [1.5, 0.7], mode: 'bilinear' },
        { scale_factor: 2, mode: 'bilinear', align_corners: true },
        { size: 7, mode: 'bicubic' },
        { scale_factor: 1.7, mode: 'bilinear', recompute_scale_factor: true },
        { size: 1, mode: 'bilinear', align_corners: true },
      ),
      ...each([row], { scale_factor: 2 }, { size: 8, mode: 'linear' }),
      ...each([cube], { scale_factor: 2 }, { scale_factor: 2, mode: 'trilinear' }),
      fn(`${F}.upsample`, [square], { scale_factor: 2, mode: 'bilinear', align_corners: false }),
    ],
    random: randomUpsample,
    refused: each([small], {}, { scale_factor: 2, align_corners: true }),
  },
  UpsamplingNearest2d: {
    fixed: [
      ...each([square], { scale_factor: 2 }, { size: [6, 3] }),
      // Three values would be the first's by the factor; PyTorch doubles by the sizes.
      ...each([[B, 1, 2, 3]], { scale_factor: 2.25 }),
      fn(`${F}.upsample_nearest`, [square], { scale_factor: 3 }),
    ],
    random: randomUpsampling2d(`${F}.upsample_nearest`),
  },
  UpsamplingBilinear2d: {
    fixed: [
      ...each([square], { scale_factor: 2 }, { size: [6, 3] }),
      fn(`${F}.upsample_bilinear`, [square], { scale_factor: 3 }),
    ],
    random: randomUpsampling2d(`${F}.upsample_bilinear`),
    refused: each([[2, 3, 4]], { scale_factor: 2 }),
  },
  interpolate: {
    fixed: [
      interpolate([square], { scale_factor: 2 }),
      interpolate([square], { size: [7, 3], mode: 'nearest-exact' }),
      interpolate([square], { size: [7, 3], mode: 'area' }),
      interpolate([square], { scale_factor: 2.3, mode: 'bilinear' }),
      interpolate([square], { size: 2, mode: 'bicubic', align_corners: true }),
      interpolate([square], { size: [2, 3], mode: 'bilinear', antialias: true }),
      interpolate([square], { size: [2, 9], mode: 'bicubic', antialias: true }),
      interpolate([square], { size: [2, 3], mode: 'lanczos', antialias: true }),
      interpolate([row], { size: 3 }),
      interpolate([cube], { size: 4, mode: 'nearest-exact' }),
    ],
    random: randomInterpolation,
    refused: [
      interpolate([small], {}),
      interpolate([small], { size: 4, scale_factor: 2 }),
      interpolate([small], { size: 0 }),
      interpolate([small], { scale_factor: 0.01 }),
      interpolate([[2, 3, 8]], { size: 0 }),
      interpolate([[2, 3, 8, 8, 8]], { size: 0 }),
      interpolate([small], { size: [4, 4, 4] }),
      interpolate([small], { scale_factor: [2] }),
      interpolate([small], { scale_factor: 2, mode: 'linear' }),
      interpolate([small], { scale_factor: 2, mode: 'trilinear' }),
      interpolate([[2, 3, 8]], { scale_factor: 2, mode: 'bicubic' }),
      interpolate([[2, 3]], { size: 4 }),
      interpolate([small], { scale_factor: 2, align_corners: true }),
      interpolate([small], { size: 4, antialias: true }),
      interpolate([small], { size: 4, recompute_scale_factor: true }),
      interpolate([small], { size: 4, mode: 'lanczos' }),
      interpolate([small], { size: 4, mode: 'lanczos', antialias: true, align_corners: true }),
    ],
  },
};
