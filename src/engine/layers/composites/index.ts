// Classes of torch.nn that are made of others: what they register and call, for readers to write out. They compute
// nothing of their own, so that no row stands for them.
import type { Composite } from './composite';
import { transformerDecoderLayer, transformerEncoderLayer } from './transformer';

export type { Composite, CompositeCalls, CompositeChild } from './composite';

/** Every composite. */
export const composites: readonly Composite[] = [transformerEncoderLayer, transformerDecoderLayer];

export const findComposite = (kind: string): Composite | undefined => composites.find((each) => each.kind === kind);
