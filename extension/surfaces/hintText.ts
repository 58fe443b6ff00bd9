import { figureText, shareText } from '../../src/engine/report/figureText';
import type { Figure, MeasuredLayer } from '../../src/engine/report/report';
import { english, type Translate } from '../../src/engine/report/translate';

/** The least and the greatest of some figures as one text; what is no number comes before all numbers. */
function spread(figures: readonly Figure[], text: (figure: Figure) => string): string {
  const odd = figures.find((figure) => typeof figure !== 'number');
  if (odd !== undefined) return text(odd);
  const numbers = figures as readonly number[];
  const [least, greatest] = [text(Math.min(...numbers)), text(Math.max(...numbers))];
  return least === greatest ? least : `${least} … ${greatest}`;
}

/**
 * The short text beside a line: gradient norm, saturation, dead channels, as far as its layers have them; several
 * layers give the range. Undefined where there is nothing to say.
 */
export function hintText(layers: readonly MeasuredLayer[], stale: boolean, t: Translate = english): string | undefined {
  const present = (pick: (layer: MeasuredLayer) => Figure | null | undefined) =>
    layers.flatMap((layer) => pick(layer) ?? []);
  const gradients = present(({ gradientNorm }) => gradientNorm);
  const saturations = present(({ saturation }) => saturation?.total);
  const dead = present((layer) => (layer.dead === 0 ? null : layer.dead));
  const parts = [
    ...(gradients.length > 0 ? [`∇ ${spread(gradients, figureText)}`] : []),
    ...(saturations.length > 0 ? [t('{0} saturated', spread(saturations, shareText))] : []),
    ...(dead.length > 0 ? [t('{0} dead', spread(dead, shareText))] : []),
  ];
  if (parts.length === 0) return undefined;
  return [...parts, ...(stale ? [t('stale')] : [])].join(' · ');
}
