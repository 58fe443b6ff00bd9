import { elementCount } from '../../network';
import type { TensorData } from '../../runtime';
import { causesOf, firstIndex, lazily } from './causes';
import { type Draw, TOKEN_SIGNAL } from './generator';
import { endingIgnored, lengthsOf } from './lengths';
import { fillBelow, fillWords, Purpose } from './philox';

/** Words that a cause prefers. */
const OWN_WORDS = 16;
/** Different tokens in a chain at most: few enough that their order can be learned. */
const CHAIN_WORDS = 64;
const TWO_POW_32 = 2 ** 32;

/** An input of tokens: a pure function of these. */
export interface TokenSpec extends Draw {
  /** One sample's shape: its positions. */
  readonly shape: readonly number[];
  readonly vocabulary: number;
  /** Of a table's columns, along the last axis: how many different ones each has. */
  readonly columns?: readonly number[];
  readonly input: number;
  /**
   * `topics`: a share of a sample's tokens are words that its cause prefers. `chain`: a share of the tokens follow
   * from the one before, so that the next one can be foretold.
   */
  readonly order: 'topics' | 'chain';
  /** Samples end after their own lengths; token 0 follows. */
  readonly ragged?: boolean;
}

/** A chain's tokens, and which follows which: a permutation with no short cycles for certain, but no rule either. */
function chainOf({ seed, vocabulary, input }: TokenSpec): { ids: Uint32Array; next: Uint32Array } {
  const count = Math.min(vocabulary, CHAIN_WORDS);
  const ids = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * vocabulary) / count));
  const next = Uint32Array.from({ length: count }, (_, i) => i);
  const words = fillWords(new Uint32Array(count), { seed, purpose: Purpose.prototypes, index: input * 2 ** 20 });
  for (let i = count - 1; i > 0; i--) {
    // Sattolo: one cycle through all of them.
    const j = Math.floor((words[i]! / TWO_POW_32) * i);
    [next[i], next[j]] = [next[j]!, next[i]!];
  }
  return { ids, next };
}

/** Tokens and the one behind each sample's last: [samples, positions + 1]. */
function chained(spec: TokenSpec): Uint32Array {
  const { seed, split, samples, shape, input } = spec;
  const length = elementCount(shape) + 1;
  const { ids, next } = chainOf(spec);
  const tokens = new Uint32Array(samples * length);
  const words = new Uint32Array(2 * length);
  for (let n = 0; n < samples; n++) {
    fillWords(words, { seed, purpose: Purpose.samples, index: firstIndex(split, input) + n });
    let at = 0;
    for (let t = 0; t < length; t++) {
      const follows = t > 0 && words[2 * t]! / TWO_POW_32 < TOKEN_SIGNAL;
      at = follows ? next[at]! : Math.floor((words[2 * t + 1]! / TWO_POW_32) * ids.length);
      tokens[n * length + t] = ids[at]!;
    }
  }
  return tokens;
}

function topical(spec: TokenSpec): Uint32Array {
  const { seed, split, samples, shape, vocabulary, input, cells = [] } = spec;
  const length = elementCount(shape);
  const causes = causesOf(spec);
  const perSample = elementCount(cells);
  const own = lazily((cause) =>
    fillBelow(
      new Uint32Array(Math.min(OWN_WORDS, vocabulary)),
      { seed, purpose: Purpose.prototypes, index: input * 2 ** 20 + cause },
      vocabulary,
    ),
  );
  const tokens = new Uint32Array(samples * length);
  const words = new Uint32Array(2 * length);
  for (let n = 0; n < samples; n++) {
    fillWords(words, { seed, purpose: Purpose.samples, index: firstIndex(split, input) + n });
    const preferred = own(causes[n * perSample]!);
    for (let t = 0; t < length; t++) {
      const share = words[2 * t + 1]! / TWO_POW_32;
      const topic = words[2 * t]! / TWO_POW_32 < TOKEN_SIGNAL;
      tokens[n * length + t] = topic
        ? preferred[Math.floor(share * preferred.length)]!
        : Math.floor(share * vocabulary);
    }
  }
  return tokens;
}

/** Tokens without the end that a ragged sample lacks. */
function plainTokens(spec: TokenSpec): Uint32Array {
  if (spec.order === 'topics') return topical(spec);
  const length = elementCount(spec.shape);
  return chained(spec).filter((_, i) => i % (length + 1) < length);
}

/** Tokens, int64 [samples, …shape], below the vocabulary. */
export function tokenSamples(spec: TokenSpec): TensorData {
  const { samples, shape, columns, ragged } = spec;
  const tokens = plainTokens(spec);
  if (columns) for (let i = 0; i < tokens.length; i++) tokens[i]! %= columns[i % columns.length]!;
  const length = elementCount(shape);
  if (ragged) {
    const lengths = lengthsOf(spec, length);
    for (let i = 0; i < tokens.length; i++) if (i % length >= lengths[Math.floor(i / length)]!) tokens[i] = 0;
  }
  return { dtype: 'int64', shape: [samples, ...shape], values: BigInt64Array.from(tokens, BigInt) };
}

export interface TokenLabelSpec extends TokenSpec {
  readonly classes: number;
  /** One sample's targets: a position each. */
  readonly positions: readonly number[];
  /** `next`: the token that follows. `kind`: a class that each token has, whatever stands around it. */
  readonly label: 'next' | 'kind';
  /** Stands behind the end of a ragged sample. */
  readonly ignored?: number;
}

/** A class at each position, int64 [samples, …positions]; positions beyond the tokens begin with the first again. */
export function tokenLabels(spec: TokenLabelSpec): TensorData {
  const { samples, positions, classes, label, seed, vocabulary } = spec;
  const length = elementCount(spec.shape);
  const count = elementCount(positions);
  const following = label === 'next' ? chained(spec) : undefined;
  const tokens = following ?? plainTokens(spec);
  const stride = following ? length + 1 : length;
  const kinds =
    label === 'kind'
      ? fillBelow(new Uint32Array(vocabulary), { seed, purpose: Purpose.targets, index: 2 ** 29 }, classes)
      : undefined;
  const values = BigInt64Array.from({ length: samples * count }, (_, i) => {
    const at = Math.floor(i / count) * stride + ((i % count) % length);
    return BigInt(kinds ? kinds[tokens[at]!]! : tokens[at + 1]! % classes);
  });
  return {
    dtype: 'int64',
    shape: [samples, ...positions],
    values: endingIgnored(values, spec, positions, spec.ignored),
  };
}
