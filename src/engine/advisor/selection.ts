import type { Change } from '../change';
import { message, type Network } from '../network';
import { afterActivation, type Candidate, candidatesFor } from './candidates';
import { asItStands, normName } from './currentNorm';
import type { BatchVerdict } from './decide';
import { type Prior, priorOf } from './prior';
import { findSites, type Site } from './sites';

/** What could be advised for a network, and what of it trainings are to tell about. */
export interface Selection {
  readonly prior: Prior;
  readonly sites: readonly Site[];
  readonly current: Candidate;
  /** Every other candidate, what is usual in such networks first, what cannot be here last. */
  readonly candidates: readonly Candidate[];
  /** Those of them that are worth training, the first first. */
  readonly trainable: readonly Candidate[];
}

/** Variants that are trained at most, the network as it is among them: more would say little more, and take the time of seeds. */
const MOST_TRAINED = 5;

const NOT_TRIED = message('norm-not-tried', 'Not tried: the time allowed for fewer variants.');
const SELDOM = message('norm-seldom', 'Not tried: in such networks others are more usual.');

/** What could be advised, by the sites and what is published. */
export function select(network: Network, verdict: BatchVerdict): Selection {
  const sites = findSites(network);
  const prior = priorOf(network, verdict);
  const current = asItStands(network, sites);
  const rank = ({ norm, impossible }: Candidate): number => {
    const at = prior.order.indexOf(norm);
    return (at < 0 ? prior.order.length : at) + (impossible ? 1000 : 0);
  };
  const inOrder = candidatesFor(network, sites)
    .map((candidate) => ({
      ...candidate,
      changes: candidate.changes.filter((change) => !standsAlready(change, network)),
      standing: candidate.changes.length > 0 && candidate.changes.every((change) => standsAlready(change, network)),
    }))
    .filter(
      ({ standing, norm, label }) => !standing && !(norm === current.norm && norm === label && sites.length === 0),
    )
    .map(({ standing, ...candidate }): Candidate => candidate)
    .map((candidate, i) => ({ candidate, i }))
    .sort((a, b) => rank(a.candidate) - rank(b.candidate) || a.i - b.i)
    .map(({ candidate }) => candidate);
  const possible = inOrder.filter(
    ({ impossible, untrained, changes }) => !impossible && !untrained && changes.length > 0,
  );
  const behind = placementOf(network, sites, prior, possible);
  const trainable = [...possible.slice(0, 2), ...(behind ? [behind] : []), ...possible.slice(2)].slice(
    0,
    MOST_TRAINED - 1,
  );
  return { prior, sites, current, candidates: behind ? [...inOrder, behind] : inOrder, trainable };
}

/** The usual norm behind its activations instead of before them, where that can be asked. */
function placementOf(
  network: Network,
  sites: readonly Site[],
  { first }: Prior,
  possible: readonly Candidate[],
): Candidate | undefined {
  const own = possible.find(({ norm }) => norm === first);
  return own && afterActivation(network, sites, own);
}

/** The candidates with why some were not trained. */
export function withReasons(selection: Selection, affordable: readonly Candidate[]): readonly Candidate[] {
  const labels = new Set(affordable.map(({ label }) => label));
  const wanted = new Set(selection.trainable.map(({ label }) => label));
  return selection.candidates.map((candidate) => {
    const { label, impossible, untrained } = candidate;
    if (impossible || untrained || labels.has(label)) return candidate;
    return { ...candidate, untrained: wanted.has(label) ? NOT_TRIED : SELDOM };
  });
}

/** Whether a change would put what stands there already. */
function standsAlready(change: Change, network: Network): boolean {
  if (change.operation !== 'replace') return false;
  const call = network.calls.find(({ id }) => id === change.site);
  return (
    call !== undefined &&
    normName(call.kind) === normName(change.layer.kind) &&
    Object.entries(change.layer.attributes).every(
      ([name, value]) => JSON.stringify(call.attributes[name]) === JSON.stringify(value),
    )
  );
}

/** The same candidate for a narrower network: its own channels, at the same sites. */
export function fittedTo(trained: Network, candidate: Candidate): Candidate {
  const sites = findSites(trained);
  const all = candidatesFor(trained, sites);
  const own = all.find(({ label }) => label === candidate.label);
  if (own) return { ...candidate, changes: own.changes.filter((change) => !standsAlready(change, trained)) };
  const behind = all
    .flatMap((each) => afterActivation(trained, sites, each) ?? [])
    .find(({ label }) => label === candidate.label);
  return { ...candidate, changes: behind?.changes ?? [] };
}
