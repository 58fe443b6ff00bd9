import type { Change } from '../change';
import type { Recommendation } from '../report';
import type { Candidate } from './candidates';
import type { NoiseReport } from './noiseReport';

/** What the advisor gives an analysis. */
export interface Advice {
  /** null where the network has no place for a norm. */
  readonly recommendation: Recommendation | null;
  readonly noise: NoiseReport;
  /** What a training step took, by the variant's label: for `timings`. */
  readonly stepMilliseconds: ReadonlyMap<string, number>;
  /** What is to be changed for the recommendation, and for each candidate that was tried, by its label. */
  readonly changes: {
    readonly recommended: readonly Change[];
    readonly alternatives: ReadonlyMap<string, readonly Change[]>;
  };
}

/** What is done to a network to make it a candidate. */
export const actionOf = ({ norm, changes }: Candidate, current: Candidate): Recommendation['action'] => {
  if (norm === 'none') return 'remove';
  const replaces = changes.some(({ operation }) => operation === 'replace' || operation === 'remove');
  return replaces || (changes.length === 0 && current.norm !== 'none') ? 'replace' : 'add';
};

/** Alternatives whose edits are written out, at most: each is tried on the file, which is read again. */
const MOST_EDITED = 5;

/** The changes of the alternatives that may be wanted, by label: those that can be, the most usual first. */
export const editable = (candidates: readonly Candidate[]): ReadonlyMap<string, readonly Change[]> =>
  new Map(
    candidates
      .filter(({ impossible, changes }) => !impossible && changes.length > 0)
      .slice(0, MOST_EDITED)
      .map(({ label, changes }) => [label, changes]),
  );
