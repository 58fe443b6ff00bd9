import { message } from '../network';
import type { LayerFigures } from '../probe';
import { type Rule, symptom } from './rule';

// The mean shows NaN and infinity like the standard deviation, whose squares overflow long before the values do.
const QUANTITIES = ['activationMean', 'outputGradientRms', 'gradientNorm'] as const;
const SOURCE = 'no network learns from NaN or infinity';

/** The first step at which any quantity of the layer is not a finite number. */
function firstBadStep({ history }: LayerFigures, quantities: readonly (typeof QUANTITIES)[number][]): number {
  const steps = quantities.map((quantity) => history[quantity]?.findIndex((value) => !Number.isFinite(value)) ?? -1);
  return Math.min(...steps.map((step) => (step < 0 ? Number.POSITIVE_INFINITY : step)));
}

/** NaN or infinity: the first layer and step where it stands. */
export const nonFinite: Rule = {
  id: 'non-finite',
  finds: 'the first layer and step at which an activation or a gradient is NaN or infinite',
  check: ({ network, layers, runs }) => {
    const order = [...new Set(network.calls.map((call) => call.module ?? call.id))].flatMap(
      (id) => layers.get(id) ?? [],
    );
    // Forward first: what a layer computes comes before what comes back to it.
    const forward = order.map((figures) => ({
      figures,
      step: firstBadStep(figures, ['activationMean']),
      way: 'output',
    }));
    const backward = order.toReversed().map((figures) => ({
      figures,
      step: firstBadStep(figures, ['outputGradientRms', 'gradientNorm']),
      way: 'gradient',
    }));
    const all = [...forward, ...backward].filter(({ step }) => Number.isFinite(step));
    const first = all.reduce<(typeof all)[number] | undefined>((a, b) => (a && a.step <= b.step ? a : b), undefined);
    const lossStep = Math.min(
      ...runs
        .map(({ losses }) => losses.findIndex((loss) => !Number.isFinite(loss)))
        .map((s) => (s < 0 ? Infinity : s)),
    );
    if (!first && !Number.isFinite(lossStep)) return [];
    const layer = first?.figures.id ?? null;
    const step = first?.step ?? lossStep;
    const affected = new Set(all.map(({ figures }) => figures.id));
    return [
      {
        rule: 'non-finite',
        severity: 'error',
        layer,
        message: message(
          'non-finite',
          layer === null
            ? 'The loss is not a finite number from step {step} on.'
            : 'The {way} of {layer} is not a finite number from step {step} on.',
          { layer: layer ?? '', step, way: first?.way ?? 'loss' },
        ),
        evidence: [
          { quantity: 'first step with NaN or infinity', value: step, unit: 'step', thresholdSource: SOURCE },
          { quantity: 'layers that show it', value: affected.size, unit: 'layers' },
        ],
        symptoms: [...affected]
          .filter((id) => id !== layer)
          .map((id) =>
            symptom('non-finite', id, [
              {
                quantity: 'first step with NaN or infinity',
                value: firstBadStep(layers.get(id)!, QUANTITIES),
                unit: 'step',
              },
            ]),
          ),
      },
    ];
  },
};
