import { functionForms } from '../../src/engine/layers';
import { layerCases } from './cases';
import { type PreparedCase, prepare } from './layerRequests';

/** A case of a function form under a name of that form. */
export interface NamedCase {
  readonly name: string;
  readonly prepared: PreparedCase;
}

/**
 * Every fixed case of a function form under each of the form's names. PyTorch may refuse some: a name in place gives its
 * own shape, `torch.mm` takes two matrices.
 */
export function namedCases(seed: number): NamedCase[] {
  return Object.entries(layerCases).flatMap(([kind, { fixed }]) =>
    fixed.flatMap((one) => {
      const form = one.function === undefined ? undefined : functionForms.get(one.function)?.form;
      return (form?.names ?? []).map((name) => ({ name, prepared: prepare(kind, { ...one, function: name }, seed) }));
    }),
  );
}
