import type { MeasuredLayer, Recommendation } from '../../src/engine/report/report';
import { t } from '../page/l10n';

/** Which values share one mean and one variance: one sample or all, one channel, a group or all, one position or all. */
export interface NormAxes {
  /** The norm's name, as PyTorch has it without its dimension. */
  readonly norm: string;
  readonly samples: 'one' | 'all';
  readonly channels: 'one' | 'group' | 'all';
  readonly positions: 'one' | 'all';
  /** The same in a sentence. */
  readonly sentence: string;
}

/** Norms that normalize values of activations, by the beginning of their class's name; the first that fits. */
const families = ['BatchNorm', 'InstanceNorm', 'GroupNorm', 'LayerNorm', 'RMSNorm'] as const;
type Family = (typeof families)[number];

const aliases: Readonly<Record<string, Family>> = {
  SyncBatchNorm: 'BatchNorm',
  BatchRenorm: 'BatchNorm',
  BatchRenormalization: 'BatchNorm',
  BatchNormalization: 'BatchNorm',
  LayerNormalization: 'LayerNorm',
  GroupNormalization: 'GroupNorm',
};

/** The family of a layer's kind; undefined for what is no norm of activations. */
export function familyOf(kind: string): Family | undefined {
  const name = kind.replace(/^Lazy/, '').replace(/\dd$/, '');
  return aliases[name] ?? families.find((family) => family === name);
}

/** A layer's output without its batch: nothing but features, features at each step, or channels at positions. */
type Form = 'features' | 'sequence' | 'image';

function formOf(shape: MeasuredLayer['outputShape'] | undefined): Form {
  const first = shape?.[0];
  const one = Array.isArray(first) ? (first as readonly number[]) : (shape as readonly number[] | null | undefined);
  const rank = one?.length ?? 4;
  return rank <= 2 ? 'features' : rank === 3 ? 'sequence' : 'image';
}

/** What a norm normalizes over. */
function axesOf(family: Family, form: Form): NormAxes {
  switch (family) {
    case 'BatchNorm':
      return {
        norm: family,
        samples: 'all',
        channels: 'one',
        positions: 'all',
        sentence:
          form === 'features'
            ? t('BatchNorm: each feature over the whole batch. The figures of a sample depend on its neighbours.')
            : t(
                'BatchNorm: each channel over the whole batch and all positions. The figures of a sample depend on its neighbours.',
              ),
      };
    case 'InstanceNorm':
      return {
        norm: family,
        samples: 'one',
        channels: 'one',
        positions: 'all',
        sentence: t('InstanceNorm: each channel of each sample over its positions. It takes contrast and style away.'),
      };
    case 'GroupNorm':
      return {
        norm: family,
        samples: 'one',
        channels: 'group',
        positions: 'all',
        sentence: t('GroupNorm: each group of channels of each sample over all positions. No batch is needed.'),
      };
    case 'LayerNorm':
      return form === 'image'
        ? {
            norm: family,
            samples: 'one',
            channels: 'all',
            positions: 'all',
            sentence: t('LayerNorm: all channels and positions of each sample. No batch is needed.'),
          }
        : {
            norm: family,
            samples: 'one',
            channels: 'all',
            positions: 'one',
            sentence: t('LayerNorm: the features of each sample at each step. No batch is needed, nor other steps.'),
          };
    case 'RMSNorm':
      return {
        norm: family,
        samples: 'one',
        channels: 'all',
        positions: 'one',
        sentence: t(
          'RMSNorm: the features of each sample at each step, by their root mean square alone; no mean is taken away.',
        ),
      };
  }
}

/** Every norm that occurs in the network, is recommended, or was tried: each once. */
export function occurringNorms(
  layers: readonly Pick<MeasuredLayer, 'kind' | 'outputShape'>[],
  recommendation: Recommendation | null,
): NormAxes[] {
  const forms = new Map<Family, Form>();
  for (const { kind, outputShape } of layers) {
    const family = familyOf(kind);
    if (family && !forms.has(family)) forms.set(family, formOf(outputShape));
  }
  // A norm that is not there yet would stand where layers of this form are.
  const common = formOf(layers.find(({ outputShape }) => (outputShape?.length ?? 0) > 2)?.outputShape ?? [1, 1]);
  const named = [recommendation?.norm, ...(recommendation?.alternatives.map(({ norm }) => norm) ?? [])];
  for (const norm of named) {
    const family = norm === undefined ? undefined : familyOf(norm);
    if (family && !forms.has(family)) forms.set(family, common);
  }
  return families.flatMap((family) => {
    const form = forms.get(family);
    return form === undefined ? [] : [axesOf(family, form)];
  });
}
