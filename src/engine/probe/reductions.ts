import { type Message, message } from '../network';
import type { Draft } from './plan';

/** What was scaled down, and what that does to the figures. */
export function reductions(usual: Draft, draft: Draft, noiseSamples: number): Message[] {
  const messages: Message[] = [];
  const say = (reduced: boolean, id: string, text: string, args: Message['args']) => {
    if (reduced) messages.push(message(id, text, args));
  };
  say(
    draft.steps < usual.steps,
    'reduced-steps',
    'Steps: {steps} instead of {usual}. Figures at initialization are unchanged; losses are less settled.',
    { steps: draft.steps, usual: usual.steps },
  );
  say(
    draft.evaluated < usual.evaluated,
    'reduced-evaluation',
    noiseSamples < usual.evaluated
      ? 'Evaluation samples: {samples} instead of {usual}. Evaluation losses, dead channels and batch noise are less sure.'
      : 'Evaluation samples: {samples} instead of {usual}. Evaluation losses and dead channels are less sure.',
    { samples: draft.evaluated, usual: usual.evaluated },
  );
  say(
    draft.seeds < usual.seeds,
    'reduced-seeds',
    'Seeds: {seeds} instead of {usual}. Figures vary more from seed to seed than they show.',
    { seeds: draft.seeds, usual: usual.seeds },
  );
  say(
    draft.variants > 0 && draft.rateFactors.length < usual.rateFactors.length,
    'reduced-rates',
    'Learning rates a variant: {rates} instead of {usual}. A norm that needs another rate looks worse than it is.',
    { rates: draft.rateFactors.length, usual: usual.rateFactors.length },
  );
  say(
    draft.variants < usual.variants,
    'reduced-variants',
    draft.variants === 0
      ? 'Variants: none instead of {usual}. No norm is recommended; with more time one is.'
      : 'Variants: {variants} instead of {usual}, as it is among them. Other norms may do as well.',
    { variants: draft.variants, usual: usual.variants },
  );
  say(
    draft.narrow > 1,
    'reduced-width',
    'Width: every layer was probed with 1/{factor} of its channels. How gradients grow or fade from layer to layer, and shares (saturated, inactive, dead), stay about the same; gradient norms, update ratios and losses are those of the narrower network.',
    { factor: draft.narrow },
  );
  return messages;
}
