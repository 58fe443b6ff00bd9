import type { Call, Network, ValueId } from '../network';
import { type Measurements, median, type Representation } from '../probe';
import type { Graph } from './structure/graph';
import { passesOn } from './structure/kinds';

/** What values answer to different samples at initialization: a median over the seeds, by the call or input that gives them. */
export class Outputs {
  readonly #seen = new Map<ValueId, Representation>();

  constructor(runs: readonly Measurements[]) {
    const all = new Map<ValueId, Representation[]>();
    for (const { initial } of runs) {
      for (const one of initial?.representations ?? []) all.set(one.call, [...(all.get(one.call) ?? []), one]);
    }
    for (const [call, seeds] of all) {
      const over = (figure: (one: Representation) => number) => median(seeds.map(figure));
      this.#seen.set(call, {
        call,
        most: seeds[0]!.most,
        effectiveRank: over(({ effectiveRank }) => effectiveRank),
        meanSquare: over(({ meanSquare }) => meanSquare),
        betweenSamples: over(({ betweenSamples }) => betweenSamples),
      });
    }
  }

  of(value: ValueId): Representation | undefined {
    return this.#seen.get(value);
  }
}

/** What a call works on: its first operand, looked at through what only moves or drops elements. */
export function workedOn(graph: Graph, call: Call): ValueId | undefined {
  const [operand] = call.inputs;
  const before = graph.back(graph.producer(operand), (each) => passesOn(graph, each) || graph.role(each) === 'dropout');
  if (before) return before.id;
  // Nothing but moves back to an input of the network.
  return graph.network.inputs[0]?.name;
}

/** Root mean square of what differs from sample to sample. A bias has no part in it. */
export const spread = ({ meanSquare, betweenSamples }: Representation): number =>
  Math.sqrt(meanSquare * betweenSamples);

/** Whether training starts from weights that were trained before: their scale is no initialization's. */
export const isTrained = ({ surroundings, parameters }: Network): boolean =>
  (surroundings?.pretrained.length ?? 0) > 0 ||
  parameters.some(({ initialization }) => initialization.kind === 'values');
