import type { VariantFigures } from '../../src/engine/report/advice';
import type { Figure, Recommendation, Report } from '../../src/engine/report/report';
import { normText } from '../../src/engine/report/sentences';
import { labelWords, say, t } from '../page/l10n';

/** A variant as the panel lists it: what is recommended first, then the rest as the report has them. */
export interface VariantRow {
  readonly name: string;
  readonly recommended: boolean;
  /** Whether it is the network as it is. */
  readonly own: boolean;
  readonly tried: boolean;
  /** On the evaluation split, after the last step. */
  readonly loss: Figure | null;
  readonly learningRate: number | null;
  readonly words: string;
  readonly losses: readonly Figure[] | null;
  readonly figures: VariantFigures | undefined;
}

/** How the advisor calls the network as it is. */
const AS_IT_IS = 'as it is';

/** Everything that was tried, or says why it was not: what is recommended, the network as it is, the others, those untried. */
export function variantRows(recommendation: Recommendation): VariantRow[] {
  const rank = ({ recommended, own, tried }: VariantRow): number => (recommended ? 0 : own ? 1 : tried ? 2 : 3);
  return reportedRows(recommendation).sort((a, b) => rank(a) - rank(b));
}

function reportedRows(recommendation: Recommendation): VariantRow[] {
  const { action, norm, groups, reasons, losses, learningRate, alternatives, figures, current } = recommendation;
  const scores = reasons.flatMap(({ evidence }) => evidence).filter(({ unit }) => unit === 'loss');
  return [
    {
      name: action === 'keep' ? t('as it is') : normText(norm, groups, t),
      recommended: true,
      own: action === 'keep',
      tried: losses !== null,
      // The reasons speak of what is recommended first.
      loss: scores[0]?.value ?? null,
      learningRate,
      words: t('Recommended.'),
      losses,
      figures: figures ?? (action === 'keep' ? current : undefined),
    },
    ...alternatives.map((each) => {
      const own = each.label === AS_IT_IS;
      return {
        name: own
          ? t('as it is')
          : each.groups === null
            ? labelWords(each.label || each.norm)
            : normText(each.norm, each.groups, t),
        recommended: false,
        own,
        tried: each.tried,
        loss: each.evidence.find(({ unit }) => unit === 'loss')?.value ?? null,
        learningRate: each.learningRate,
        words: say(each.reason),
        losses: each.losses,
        figures: each.figures ?? (own ? current : undefined),
      };
    }),
  ];
}

/** A line of the loss chart. */
export interface LossLine {
  readonly name: string;
  readonly losses: readonly Figure[];
  readonly recommended: boolean;
  /** The network as it is with the optimizer that its file says, not of the comparison. */
  readonly own: boolean;
  /** Lowest and highest over the seeds, where they are known. */
  readonly band?: VariantFigures['lossBand'];
}

/** The losses by step: of every variant at its best learning rate, and of the network with its own optimizer. */
export function lossLines({ probe, recommendation }: Report): LossLine[] {
  const variants = recommendation ? variantRows(recommendation) : [];
  const own = probe.loss?.training ?? [];
  return [
    ...variants.flatMap(({ name, recommended, losses, learningRate, figures }): LossLine[] =>
      losses && losses.length > 1
        ? [
            {
              name: learningRate === null ? name : t('{0}, rate {1}', name, learningRate),
              losses,
              recommended,
              own: false,
              ...(figures && { band: figures.lossBand }),
            },
          ]
        : [],
    ),
    ...(own.length > 1
      ? [
          {
            name: t('as it is, {0} as in the file', probe.optimizer.kind),
            losses: own,
            recommended: false,
            own: true,
          },
        ]
      : []),
  ];
}

/** ‖g‖·‖W‖ along depth: a line a variant over the layers that the networks have in common, in order. */
export interface DepthLines {
  readonly layers: readonly string[];
  readonly lines: readonly {
    readonly name: string;
    readonly own: boolean;
    readonly values: readonly (Figure | null)[];
  }[];
}

/** The gradients along depth of every variant that has them; null where fewer than two layers do. */
export function depthLines(rows: readonly VariantRow[]): DepthLines | null {
  const having = rows.flatMap(({ name, own, figures }) =>
    figures && figures.gradientByDepth.length > 1 ? [{ name, own, byDepth: figures.gradientByDepth }] : [],
  );
  const [first] = having;
  if (first === undefined) return null;
  const layers = first.byDepth.map(({ layer }) => layer);
  return {
    layers,
    lines: having.map(({ name, own, byDepth }) => {
      const values = new Map(byDepth.map(({ layer, value }) => [layer, value]));
      return { name, own, values: layers.map((layer) => values.get(layer) ?? null) };
    }),
  };
}

/** The loss at the end at each learning rate, of each variant; rates ascending. */
export interface RateTable {
  readonly rates: readonly number[];
  readonly rows: readonly {
    readonly name: string;
    readonly cells: readonly { readonly loss: Figure; readonly reachedAt: number | null }[];
    readonly reach: Figure;
  }[];
}

/** The learning rates that were tried; null where none were. */
export function rateTable(rows: readonly VariantRow[]): RateTable | null {
  const having = rows.flatMap(({ name, figures }) =>
    figures && figures.learningRates.length > 0 ? [{ name, figures }] : [],
  );
  if (having.length === 0) return null;
  const rates = [...new Set(having.flatMap(({ figures }) => figures.learningRates.map(({ rate }) => rate)))].sort(
    (a, b) => a - b,
  );
  return {
    rates,
    rows: having.map(({ name, figures }) => ({
      name,
      reach: figures.reach,
      cells: rates.map(
        (rate) => figures.learningRates.find((each) => each.rate === rate) ?? { loss: 'NaN', reachedAt: null },
      ),
    })),
  };
}
