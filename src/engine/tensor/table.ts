import { contractions } from './primitives/contraction';
import { convolution } from './primitives/convolution';
import { elementwise } from './primitives/elementwise';
import { indexing } from './primitives/indexing';
import { leaves } from './primitives/leaves';
import { likelihoods } from './primitives/likelihood';
import { mathematics } from './primitives/mathematics';
import { movements } from './primitives/movement';
import { normalizations } from './primitives/normalization';
import { orderings } from './primitives/ordering';
import { recurrences } from './primitives/recurrence';
import { reductions } from './primitives/reduction';
import type { Rule } from './rule';
import type { Primitive, TensorOf } from './tensor';

/** Every primitive's rule; the compiler refuses a missing one. */
export const primitives: { readonly [P in Primitive]: Rule<P> } = {
  ...leaves,
  ...elementwise,
  ...reductions,
  ...movements,
  ...indexing,
  ...contractions,
  convolution,
  ...normalizations,
  ...likelihoods,
  ...recurrences,
  ...mathematics,
  ...orderings,
};

/** The rule of a node's primitive. */
export const ruleOf = <P extends Primitive>(node: TensorOf<P>): Rule<P> => primitives[node.primitive];
