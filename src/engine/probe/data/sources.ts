import { isDrawn } from '../../network';
import type { TensorData } from '../../runtime';
import type { Source } from '../../runtime/child';
import { type InitializationSpec, initialValues, scaled } from './initialization';
import { type LengthSpec, lengthValues, type MaskSpec, maskValues, type PositionSpec, positionValues } from './lengths';
import { Remembered } from './remembered';
import { prototypeSamples, type SampleSpec } from './samples';
import { causedTargets, type LabelSpec, labels, type TargetSpec } from './targets';
import { type TokenLabelSpec, type TokenSpec, tokenLabels, tokenSamples } from './tokens';

/** What each source is made from. */
export interface SourceSpecs {
  readonly initialization: InitializationSpec;
  readonly samples: SampleSpec;
  readonly tokens: TokenSpec;
  readonly lengths: LengthSpec;
  readonly mask: MaskSpec;
  readonly positions: PositionSpec;
  readonly labels: LabelSpec;
  readonly tokenLabels: TokenLabelSpec;
  readonly targets: TargetSpec;
}

export type SourceName = keyof SourceSpecs;

/** A sample for all of them: without the axis of samples. */
const alone = ({ shape, ...data }: TensorData): TensorData => ({ ...data, shape: shape.slice(1) });

const make: { readonly [K in SourceName]: (spec: SourceSpecs[K]) => TensorData } = {
  initialization: initialValues,
  samples: prototypeSamples,
  tokens: tokenSamples,
  lengths: lengthValues,
  mask: maskValues,
  positions: positionValues,
  labels,
  tokenLabels,
  targets: causedTargets,
};

const remembered = new Remembered();

/** What the probe process can make by itself, by name; a `single` sample has no axis of samples. */
export const sources = {
  ...(Object.fromEntries(
    Object.entries(make).map(([name, of]): [string, Source] => [
      name,
      remembered.of(name, (spec) => {
        const data = of(spec as never);
        return (spec as { single?: boolean }).single ? alone(data) : data;
      }),
    ]),
  ) as { readonly [K in SourceName]: Source }),
  initialization: initializationSource(),
};

/** First values: drawn once for all sizes. What is not drawn alone is made anew: it may hold a file's own values. */
function initializationSource(): Source {
  const drawn = remembered.of('initialization', (spec) => initialValues(spec as InitializationSpec));
  return (spec) => {
    const { scale, ...unscaled } = spec as InitializationSpec;
    const { initialization, of } = unscaled;
    const alone = isDrawn(initialization) && initialization.kind !== 'parts' && of === undefined;
    return alone ? scaled(drawn(unscaled), scale) : initialValues(spec as InitializationSpec);
  };
}
