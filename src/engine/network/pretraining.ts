import type { Network } from './network';
import type { Span } from './span';
import type { Fact, Pretraining } from './surroundings';

const within = (inner: Span, outer: Span): boolean => {
  if (inner.uri !== outer.uri || inner.cell !== outer.cell) return false;
  const after =
    inner.start.line > outer.start.line ||
    (inner.start.line === outer.start.line && inner.start.column >= outer.start.column);
  const before =
    inner.end.line < outer.end.line || (inner.end.line === outer.end.line && inner.end.column <= outer.end.column);
  return after && before;
};

/**
 * Every place where weights come into this network that were trained before. A file may load another model beside it, as a
 * loss or a teacher: a constructor's weights count where they make this network or a part of it.
 */
const ownPretraining = ({ surroundings, source, modules }: Network): readonly Fact<Pretraining>[] =>
  (surroundings?.pretrained ?? []).filter(
    ({ value, source: at }) =>
      value.how === 'load_state_dict' ||
      within(at, source) ||
      within(source, at) ||
      modules.some((module) => within(module.source, at) || within(at, module.source)),
  );

/** The first place where trained weights come in, whether always or on request. */
export const loadedPart = (network: Network): Fact<Pretraining> | undefined => ownPretraining(network)[0];

/** The same where they always do: weights that are loaded only if something is asked for (a run that is resumed) are none. */
export const pretrainedPart = (network: Network): Fact<Pretraining> | undefined =>
  ownPretraining(network).find(({ value }) => !value.conditional);
