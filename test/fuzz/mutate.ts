/** Random whole numbers from a seed (mulberry32): `next(n)` is from 0 to n − 1. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, below);
  };
}

/** What is put in: what opens without closing, what is large, what Python, YAML and JSON take for something else. */
const PIECES = [
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '"""',
    "'''",
    "'",
    '"',
    ':',
    ',',
    '\n',
    '    ',
    '\t',
    '\r',
    '\0',
    '\\',
    '#',
    '@',
    '𝕏',
    '\ufeff',
  ],
  ...[
    'while True:\n',
    'self',
    'self.',
    '*',
    '**',
    '-1',
    '0',
    '1e400',
    '10**9',
    '2**10**9',
    'None',
    'nan',
    'lambda: ',
    '[0]*',
    '~',
    '!',
  ],
  ...[
    'for x in ',
    'def f():\n',
    'class A:\n',
    'yield ',
    'return ',
    'super().',
    'x[',
    'range(10**12)',
    'import os\n',
    'from . import *\n',
  ],
  ...[
    '# normscope: batch=0',
    '# normscope: input=3x0',
    'nn.Linear(',
    'float("inf")',
    '"%s" %',
    'not ',
    '...',
    '&a ',
    '*a ',
    '- ',
    '? ',
    '<<: ',
  ],
  ...[
    'repeat: 100000000',
    'layers: [',
    '{}',
    'null',
    '"cells"',
    '\\u',
    '999999999999999999999',
    '-',
    '[[[[[[[[[[[[',
    'x = x + x\n',
  ],
];

/** A text with one to four mutations: cut off, or pieces put in, left out, doubled, or exchanged. The same seed, the same text. */
export function mutated(text: string, seed: number): string {
  const next = randomFrom(seed);
  if (next(5) === 0) return text.slice(0, next(text.length + 1));
  let changed = text;
  for (let left = 1 + next(4); left > 0; left--) {
    const at = next(changed.length + 1);
    const before = changed.slice(0, at);
    switch (next(6)) {
      case 0:
        changed = before + changed.slice(at + 1 + next(40));
        break;
      case 1: {
        const length = 1 + next(200);
        changed = before + changed.slice(at, at + length) + changed.slice(at);
        break;
      }
      case 2: {
        const lines = changed.split('\n');
        const [a, b] = [next(lines.length), next(lines.length)];
        [lines[a], lines[b]] = [lines[b]!, lines[a]!];
        changed = lines.join('\n');
        break;
      }
      case 3: {
        // A number that is another.
        const numbers = [...changed.matchAll(/\d+/g)];
        const number = numbers[next(numbers.length)];
        if (!number) break;
        const other = ['0', '-1', '1', '7', '100000', '1000000000000', '0.5', 'None', 'True'][next(9)]!;
        changed = changed.slice(0, number.index) + other + changed.slice(number.index + number[0].length);
        break;
      }
      default:
        changed = before + PIECES[next(PIECES.length)]! + changed.slice(at + next(12));
    }
  }
  return changed;
}
