import { findLayer } from '../../layers';
import { InputError, type InputRole, type Network, type NetworkInput } from '../../network';

/** What an input holds: as it is said, else by its type and, for whole numbers without a vocabulary, its name. */
export function roleOf({ role, name, dtype, shape, vocabulary }: NetworkInput): InputRole {
  if (role) return role;
  const words = name.toLowerCase();
  const mask = /mask/.test(words);
  if (dtype === 'float32') return mask && shape.length <= 2 ? 'mask' : 'values';
  if (vocabulary !== undefined) return 'tokens';
  if (mask) return 'mask';
  if (/(^|_)len(gth)?s?(_|$)|lengths?$/.test(words) && shape.length === 1) return 'lengths';
  return /(^|_)pos(ition)?(_ids?|s)?$/.test(words) ? 'positions' : 'tokens';
}

/**
 * How many token values an input of whole numbers may hold: as it is said, or as many as the tables have that look it up. One
 * where nothing but rearranging is done with them: targets that a forward is given for a loss of its own.
 */
export function knownVocabulary(input: NetworkInput, network: Network): number | undefined {
  if (input.vocabulary !== undefined) return input.vocabulary;
  const sizes: number[] = [];
  let used = false;
  // Values that are the input's own numbers, moved about.
  const same = new Set([input.name]);
  for (const call of network.calls) {
    if (!call.inputs.some((operand) => 'value' in operand && same.has(operand.value))) continue;
    const size = call.attributes[findLayer(call.kind)?.library === 'keras' ? 'input_dim' : 'num_embeddings'];
    if (typeof size === 'number') sizes.push(size);
    else if (findLayer(call.kind)?.role === 'shape') same.add(call.id);
    else used = true;
  }
  if (sizes.length > 0) return Math.min(...sizes);
  return used || network.outputs.some((output) => same.has(output)) ? undefined : 1;
}

/** The same, needed to make tokens. @throws InputError where nothing says it. */
export function vocabularyOf(input: NetworkInput, network: Network): number {
  const known = knownVocabulary(input, network);
  if (known !== undefined) return known;
  throw new InputError(
    `the input ${input.name} takes whole numbers, and nothing says how many different ones`,
    `state it: in a description {shape: [64], vocabulary: 1000}; a lookup by nn.Embedding says it by itself`,
    network.source,
  );
}
