import type { Fact, Network, Pretraining, Span } from '../../network';

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
 * The place where weights come in that were trained before, if this network begins with them. A file may load another
 * model beside it, as a loss or a teacher: a constructor's weights count where they make this network or a part of it.
 * Weights that are loaded only if something is asked for (a run that is resumed) are none.
 */
export function pretrainedPart({ surroundings, source, modules }: Network): Fact<Pretraining> | undefined {
  return surroundings?.pretrained.find(({ value, source: at }) => {
    if (value.conditional) return false;
    if (value.how === 'load_state_dict') return true;
    return (
      within(at, source) ||
      within(source, at) ||
      modules.some((module) => within(module.source, at) || within(at, module.source))
    );
  });
}

export const isFineTuned = (network: Network): boolean => pretrainedPart(network) !== undefined;
