import { countParameters, type Network } from '../../src/engine/network';

/** What the real package says of a model: its parameters, and `named_modules()` with their classes. */
export interface Truth {
  readonly total: number;
  readonly modules: readonly (readonly [id: string, kind: string])[];
}

/** The first difference in parameters or modules, in one line; undefined where there is none. */
export function difference({ total, modules }: Truth, network: Network): string | undefined {
  const read = network.modules.map(({ id, kind }) => `${id} ${kind}`);
  const real = modules.map(([id, kind]) => `${id} ${kind}`);
  const at = real.findIndex((each, i) => each !== read[i]);
  if (at >= 0) return `${read[at] ?? 'nothing'} instead of ${real[at]}`;
  // A model that is itself one layer has no name in PyTorch; here it has its class's.
  const single = real.length === 0 && read.length === 1;
  if (read.length > real.length && !single) return `${read[real.length]} is too many`;
  const counted = countParameters(network).total;
  return counted === total ? undefined : `${counted} parameters instead of ${total}`;
}
