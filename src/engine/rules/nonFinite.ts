import { type Call, message, outputOf } from '../network';
import type { Quantity, Series } from '../probe';
import { type Found, type Measured, type Rule, symptom } from './rule';

const SOURCE = 'no network learns from NaN or infinity';

/** What can stand first, each with a sentence of its own. */
const SENTENCES = {
  'non-finite-output': 'The output of {layer} is not a finite number from step {step} on.',
  'non-finite-loss': 'The loss is not a finite number from step {step} on.',
  'non-finite-passed-back': 'The gradient that {layer} passes back is not a finite number from step {step} on.',
  'non-finite-gradient': 'The gradient of {layer} is not a finite number from step {step} on.',
  'non-finite-weights': "The gradient of {layer}'s weights is not a finite number from step {step} on.",
} as const;

/** What it usually comes from, and what to do. */
const fromTheStart =
  ' The weights are as they were drawn: something there overflows, divides by zero or takes a logarithm or root of what it cannot; add a small number inside, or scale the weights down.';
const afterUpdates =
  ' The updates before it have grown too large: take a smaller learning rate (a tenth), a warm-up, or clip gradients.';

/** Something that was not a finite number, and at which step first. */
interface Bad {
  readonly id: keyof typeof SENTENCES;
  readonly layer: string | null;
  readonly step: number;
}

/** The first step at which a series is not a finite number; infinity where there is none. */
function firstBad(series: Series | undefined): number {
  const step = series?.findIndex((value) => !Number.isFinite(value)) ?? -1;
  return step < 0 ? Number.POSITIVE_INFINITY : step;
}

/** The same of a call's or module's quantity, under any seed: a median would hide what stands in one of three. */
const firstBadStep = ({ runs }: Measured, owner: string, quantity: Quantity): number =>
  Math.min(...runs.map(({ series }) => firstBad(series.get(owner)?.[quantity])));

const layerOf = ({ id, module }: Call): string => module ?? id;

const outputsOf = ({ id, outputShapes }: Call): string[] => outputShapes.map((_, i) => outputOf(id, i));

/** What made a call's gradient: the only call that it goes to, where that was handed a finite one itself. */
function makerOf(measured: Measured, call: Call, step: number): Call | undefined {
  const outputs = outputsOf(call);
  const takers = measured.network.calls.filter(({ inputs }) =>
    inputs.some((operand) => 'value' in operand && outputs.includes(operand.value)),
  );
  const [only] = takers;
  if (!only || takers.length > 1) return undefined;
  const isMeasured = measured.runs.some(({ series }) => series.get(only.id)?.outputGradientRms);
  return isMeasured && firstBadStep(measured, only.id, 'outputGradientRms') > step ? only : undefined;
}

/**
 * The first step at which a call's output is not finite. −∞ alone is what masks are made of: it counts only where the loss
 * is not finite either. The mean shows it as the standard deviation does, whose squares overflow long before the values.
 */
const firstBadOutput = ({ runs }: Measured, { id }: Call): number =>
  Math.min(
    ...runs.map(({ series, losses }) =>
      firstBad(
        series
          .get(id)
          ?.activationMean?.map((mean, step) =>
            mean === Number.NEGATIVE_INFINITY && Number.isFinite(losses[step] ?? Number.NaN) ? 0 : mean,
          ),
      ),
    ),
  );

/**
 * What was not finite, in the order in which a step computes: the outputs from the first layer on, the loss, then the
 * gradients from the last layer back, each output's before its layer's weights'.
 */
function inOrder(measured: Measured): Bad[] {
  const { calls } = measured.network;
  const forward = calls.map(
    (call): Bad => ({ id: 'non-finite-output', layer: layerOf(call), step: firstBadOutput(measured, call) }),
  );
  const loss: Bad = {
    id: 'non-finite-loss',
    layer: null,
    step: Math.min(...measured.runs.map(({ losses }) => firstBad(losses))),
  };
  const backward = calls.toReversed().flatMap((call): Bad[] => {
    const layer = layerOf(call);
    const step = firstBadStep(measured, call.id, 'outputGradientRms');
    const maker = Number.isFinite(step) ? makerOf(measured, call, step) : undefined;
    return [
      maker
        ? { id: 'non-finite-passed-back', layer: layerOf(maker), step }
        : { id: 'non-finite-gradient', layer, step },
      { id: 'non-finite-weights', layer, step: firstBadStep(measured, layer, 'gradientNorm') },
    ];
  });
  return [...forward, loss, ...backward].filter(({ step }) => Number.isFinite(step));
}

/** NaN or infinity: the first layer and step where it stands. */
export const nonFinite: Rule = {
  id: 'non-finite',
  finds: 'the first layer and step at which an activation, the loss or a gradient is NaN or infinite',
  check: (measured): readonly Found[] => {
    const all = inOrder(measured);
    const [any] = all;
    if (!any) return [];
    const first = all.reduce((a, b) => (b.step < a.step ? b : a), any);
    const { id: sentence, layer, step } = first;
    const earliest = new Map<string, number>();
    for (const { layer: id, step: at } of all) {
      if (id !== null) earliest.set(id, Math.min(at, earliest.get(id) ?? at));
    }
    const stepEvidence = (at: number) => ({ quantity: 'first step with NaN or infinity', value: at, unit: 'step' });
    return [
      {
        rule: 'non-finite',
        severity: 'error',
        layer,
        message: message(sentence, SENTENCES[sentence] + (step === 0 ? fromTheStart : afterUpdates), {
          layer: layer ?? '',
          step,
        }),
        evidence: [
          { ...stepEvidence(step), thresholdSource: SOURCE },
          { quantity: 'layers that show it', value: earliest.size, unit: 'layers' },
        ],
        symptoms: [...earliest]
          .filter(([id]) => id !== layer)
          .map(([id, at]) => symptom('non-finite', id, [stepEvidence(at)])),
      },
    ];
  },
};
