import type { InputRole, NetworkInput } from '../../network';

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
