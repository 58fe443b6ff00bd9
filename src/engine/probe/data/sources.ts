import type { Source } from '../../runtime/child';
import { type InitializationSpec, initialValues } from './initialization';
import { type PrototypeSpec, prototypeLabels, prototypeSamples, prototypeTargets } from './prototypes';

/** What the probe process can make by itself, by name. */
export const sources = {
  initialization: (spec) => initialValues(spec as InitializationSpec),
  samples: (spec) => prototypeSamples(spec as PrototypeSpec),
  labels: (spec) => prototypeLabels(spec as PrototypeSpec),
  targets: (spec) => prototypeTargets(spec as PrototypeSpec),
} satisfies Record<string, Source>;

export type SourceName = keyof typeof sources;
