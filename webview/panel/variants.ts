import type { Figure, Recommendation, Report } from '../../src/engine/report/report';
import { normText } from '../../src/engine/report/sentences';

/** A variant as the panel lists it: what is recommended first, then the rest as the report has them. */
export interface VariantRow {
  readonly name: string;
  readonly recommended: boolean;
  readonly tried: boolean;
  /** On the evaluation split, after the last step. */
  readonly loss: Figure | null;
  readonly learningRate: number | null;
  readonly words: string;
  readonly losses: readonly Figure[] | null;
}

/** Everything that was tried, or says why it was not. */
export function variantRows(recommendation: Recommendation): VariantRow[] {
  const { action, norm, groups, reasons, losses, learningRate, alternatives } = recommendation;
  const scores = reasons.flatMap(({ evidence }) => evidence).filter(({ unit }) => unit === 'loss');
  return [
    {
      name: action === 'keep' ? 'as it is' : normText(norm, groups),
      recommended: true,
      tried: losses !== null,
      // The reasons speak of what is recommended first.
      loss: scores[0]?.value ?? null,
      learningRate,
      words: 'Recommended.',
      losses,
    },
    ...alternatives.map((each) => ({
      name: each.groups === null ? each.label || each.norm : normText(each.norm, each.groups),
      recommended: false,
      tried: each.tried,
      loss: each.evidence.find(({ unit }) => unit === 'loss')?.value ?? null,
      learningRate: each.learningRate,
      words: each.reason.text,
      losses: each.losses,
    })),
  ];
}

/** A line of the loss chart. */
export interface LossLine {
  readonly name: string;
  readonly losses: readonly Figure[];
  readonly recommended: boolean;
  /** The network as it is with the optimizer that its file says, not of the comparison. */
  readonly own: boolean;
}

/** The losses by step: of every variant at its best learning rate, and of the network with its own optimizer. */
export function lossLines({ probe, recommendation }: Report): LossLine[] {
  const variants = recommendation ? variantRows(recommendation) : [];
  const own = probe.loss?.training ?? [];
  return [
    ...variants.flatMap(({ name, recommended, losses, learningRate }) =>
      losses && losses.length > 1
        ? [{ name: learningRate === null ? name : `${name}, rate ${learningRate}`, losses, recommended, own: false }]
        : [],
    ),
    ...(own.length > 1
      ? [{ name: `as it is, ${probe.optimizer.kind} as in the file`, losses: own, recommended: false, own: true }]
      : []),
  ];
}
