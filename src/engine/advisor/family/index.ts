// What a network is for: one recognizer a family, asked in order, by the graph and what the file imports, never by the
// names that a person gave. Norms and evidence are not known here.
import { type Network, pretrainedPart } from '../../network';
import type { TaskFamily } from '../../report';
import { traitsOf } from '../traits';
import { critic } from './critic';
import { denseImage, generativeImage, imageClassification, style, superResolution } from './images';
import { implicitField } from './implicitField';
import type { Recognizer, Seen } from './recognizer';
import { language, sequence, speech, timeSeries, vector } from './sequences';
import { graph, pointCloud, reinforcementLearning } from './structures';

/** In the order in which they are asked: what is more particular first. `vector` takes what is left. */
export const recognizers: readonly Recognizer[] = [
  graph,
  pointCloud,
  reinforcementLearning,
  critic,
  implicitField,
  speech,
  generativeImage,
  style,
  superResolution,
  denseImage,
  imageClassification,
  language,
  timeSeries,
  sequence,
  vector,
];

/** What a network is for. */
export function taskFamily(network: Network): TaskFamily {
  const seen: Seen = { traits: traitsOf(network), surroundings: network.surroundings };
  for (const { kind, recognize } of recognizers) {
    const because = recognize(seen);
    if (because) return { kind, fineTuned: pretrainedPart(network) !== undefined, because };
  }
  throw new Error('no family took the network');
}
