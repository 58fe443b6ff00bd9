import { BATCH, type Dim, type NetworkInput, type Shape } from '../../../network';
import type { NamedModule } from '../../python/modules/named';
import type { Requirement } from '../../python/modules/requirement';
import type { Value } from '../../python/values';
import type { DatasetImages } from './dataset';

/** A family of shapes that an input may have: one size is free, or none. */
export interface Hypothesis {
  readonly dtype: NetworkInput['dtype'];
  readonly vocabulary?: number;
  shape(size: number): Shape;
  /** Absent where nothing is free. */
  readonly free?: Free;
  /** Not to be assumed: it stands only where the network settles its size. */
  readonly mustSettle?: true;
}

export interface Free {
  /** The size that is taken where several fit, and why. */
  readonly assumed: number;
  /** A size that fits too where nothing settles it. */
  readonly other: number;
  /** Sizes that are tried, the usual ones first. */
  readonly usual: readonly number[];
  /** All sizes between are tried where no usual one fits. */
  readonly range: readonly [from: number, to: number];
  /** A size that the script's data has, tried before all others, and what says it. */
  readonly said?: { readonly size: number; readonly origin: string };
  /** How the assumption reads: `32×32 is assumed`. */
  words(size: number): string;
}

/** Sides of images, the usual ones first. */
const SIDES = [32, 28, 224, 64, 96, 128, 256, 299, 227, 48, 84, 112, 160, 192, 320, 384, 512, 16, 8, 4, 7];
const LENGTHS = [64, 32, 128, 16, 256, 512, 1024, 20, 35, 50, 100, 77, 10, 8, 48, 24, 12];
const SIGNALS = [128, 256, 64, 100, 1024, 1000, 784, 512, 140, 187, 3000, 4096, 8000, 16000, 32, 16];

/** ImageNet's classes, or a stem that only large images survive. */
function imageNetLike(modules: readonly NamedModule[]): string | undefined {
  const layers = modules.flatMap(({ module }) => (module.layer ? [module.layer] : []));
  const last = layers.filter(({ row }) => /^(Linear|Conv2d)$/.test(row.kind)).at(-1)?.attributes;
  if (last?.out_features === 1000 || last?.out_channels === 1000) return 'as for ImageNet: it gives 1000 classes';
  const first = layers.find(({ row }) => row.kind === 'Conv2d')?.attributes;
  const least = (value: unknown) => Math.min(...[value].flat().map(Number));
  const large = first && (least(first.stride) >= 4 || (least(first.kernel_size) >= 7 && least(first.stride) >= 2));
  return large ? 'as for ImageNet: its first convolution has a large kernel and stride' : undefined;
}

function imageHypothesis(
  { channels, dimension, latent }: Extract<Requirement, { kind: 'image' }>,
  modules: readonly NamedModule[],
): Hypothesis {
  const shape = (side: number): Shape => [BATCH, channels, ...Array.from({ length: dimension }, () => side)];
  const name = (side: number) => Array.from({ length: dimension }, () => side).join('×');
  const free = (assumed: number, other: number, usual: readonly number[], why: string): Free => ({
    assumed,
    other,
    usual,
    range: [4, 300],
    words: (side) => `${dimension === 1 ? `a length of ${side}` : name(side)} is assumed, ${why}`,
  });
  const any = 'since any size fits';
  if (latent)
    return { dtype: 'float32', shape, free: free(1, 2, [1, 4, 8], 'since its first layer spreads one position') };
  if (dimension === 1) return { dtype: 'float32', shape, free: free(128, 192, SIGNALS, any) };
  if (dimension === 3) return { dtype: 'float32', shape, free: free(16, 32, [16, 32, 64, 8, 28, 112, 128], any) };
  const large = imageNetLike(modules);
  if (large) return { dtype: 'float32', shape, free: free(224, 256, SIDES, large) };
  return { dtype: 'float32', shape, free: free(32, 64, SIDES, any) };
}

/** The side of images that the model's constructor was given, by the name of its parameter. */
function sideSaid(modules: readonly NamedModule[]): Free['said'] {
  const root = modules[0]?.module;
  const given = [...(root?.constructed ?? [])];
  // `Model(config)`: what its configuration says.
  const said = given.flatMap(([, value]) => (value.type === 'instance' ? [...value.attributes] : []));
  for (const [name, value] of [...given, ...said]) {
    if (!/^(image|img|input|in)?_?(size|resolution|res)$/i.test(name)) continue;
    const sides = value.type === 'tuple' || value.type === 'list' ? value.items : [value];
    const [side] = sides;
    if (
      side?.type === 'int' &&
      side.value > 1 &&
      sides.every((each) => each.type === 'int' && each.value === side.value)
    )
      return { size: side.value, origin: `${root!.class.name}'s ${name}` };
  }
  return undefined;
}

const FRAMES = 16;

const filmHypothesis = (channels: Dim): Hypothesis => ({
  dtype: 'float32',
  shape: (side) => [BATCH, channels, FRAMES, side, side],
  free: {
    assumed: 112,
    other: 128,
    usual: [112, 224, 128, 64, 256, 160],
    range: [4, 300],
    words: (side) => `${FRAMES} frames of ${side}×${side} are assumed, since any size fits`,
  },
});

/** Whole numbers that a module keeps under a name like `seq_len` or `block_size`, its own or in its configuration. */
function lengthsSaid(modules: readonly NamedModule[]): number[] {
  const NAME =
    /(seq|sequence|context|ctx|block|window|frames|steps|num_tokens|max).*(len|length|size|steps|tokens|frames)|^(seq|block|context)$/i;
  const said: number[] = [];
  const look = (attributes: ReadonlyMap<string, Value>) => {
    for (const [name, value] of attributes)
      if (value.type === 'int' && value.value > 1 && value.value <= 8192 && NAME.test(name)) said.push(value.value);
  };
  for (const { module } of modules.slice(0, 50)) {
    look(module.attributes);
    for (const value of module.attributes.values()) if (value.type === 'instance') look(value.attributes);
  }
  return [...new Set(said)];
}

const steps = (modules: readonly NamedModule[], assumed: number, what: string): Free => ({
  assumed,
  other: assumed - 5,
  usual: [...lengthsSaid(modules), ...LENGTHS],
  range: [2, 300],
  words: (size) => `${size} ${what} are assumed, since any number fits`,
});

const TOKENS = 64;
const STEPS = 16;

/** The shapes that an input may have of which a layer asks this, the likeliest first. `cut` where the forward takes it apart before. */
export function hypothesesOf(
  requirement: Requirement,
  modules: readonly NamedModule[],
  cut = false,
  images?: DatasetImages,
): readonly Hypothesis[] {
  switch (requirement.kind) {
    case 'step': {
      const { features } = requirement;
      const one: Hypothesis = { dtype: 'float32', shape: () => [BATCH, features] };
      const free = steps(modules, STEPS, 'steps');
      const many: Hypothesis = { dtype: 'float32', shape: (size) => [BATCH, size, features], free };
      const numbers: Hypothesis = { dtype: 'float32', shape: (size) => [BATCH, size], free };
      return cut ? [many, ...(features === 1 ? [numbers] : []), one] : [one, many];
    }
    case 'image': {
      const image = imageHypothesis(requirement, modules);
      // A film has more pixels than frames: three colours in three dimensions are one.
      if (requirement.dimension === 3 && requirement.channels === 3 && !requirement.latent)
        return [filmHypothesis(requirement.channels), image];
      const fits = images && requirement.dimension === 2 && requirement.channels === images.channels;
      const own = requirement.dimension === 2 ? sideSaid(modules) : undefined;
      const said = requirement.latent ? undefined : fits ? { size: images.side, origin: images.origin } : own;
      return [said && image.free ? { ...image, free: { ...image.free, said } } : image];
    }
    case 'pixels':
      return [3, 1, 4].flatMap((channels) =>
        hypothesesOf({ kind: 'image', channels, dimension: requirement.dimension }, modules, cut, images),
      );
    case 'tokens': {
      const { vocabulary } = requirement;
      const tokens = { dtype: 'int64', vocabulary } as const;
      return [
        { ...tokens, shape: (size) => [BATCH, size], free: steps(modules, TOKENS, 'tokens') },
        { ...tokens, shape: () => [BATCH] },
      ];
    }
    case 'sequence': {
      const { features, batchFirst } = requirement;
      const shape = (size: number): Dim[] => (batchFirst ? [BATCH, size, features] : [size, BATCH, features]);
      return [
        { dtype: 'float32', shape, free: steps(modules, STEPS, 'steps') },
        { dtype: 'float32', shape: (size) => [BATCH, size, features], free: steps(modules, STEPS, 'steps') },
      ];
    }
    case 'features':
      return [
        { dtype: 'float32', shape: () => [BATCH, ...requirement.shape] },
        {
          dtype: 'float32',
          shape: (size) => [BATCH, size, ...requirement.shape],
          free: steps(modules, STEPS, 'steps'),
        },
      ];
  }
}

/** What one number a sample often is. */
const PER_SAMPLE = /^(t|ts|time|times|timesteps?|noise_levels?|sigmas?|temb|lengths?)$/i;

/** Inputs that forwards take before any layer of theirs says so: images, one number a sample, numbers. */
export function usualInputs(name: string): readonly Hypothesis[] {
  const one: Hypothesis = { dtype: 'float32', shape: () => [BATCH] };
  const images = [3, 1].map(
    (channels): Hypothesis => ({ ...imageHypothesis({ kind: 'image', channels, dimension: 2 }, []), mustSettle: true }),
  );
  const numbers: Hypothesis = {
    dtype: 'float32',
    shape: (size) => [BATCH, size],
    mustSettle: true,
    free: { assumed: 1, other: 2, usual: [], range: [2, 300], words: (size) => `${size} numbers are assumed` },
  };
  return PER_SAMPLE.test(name) ? [one, ...images, numbers] : [...images, numbers];
}
