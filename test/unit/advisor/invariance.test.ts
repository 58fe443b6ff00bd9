import assert from 'node:assert/strict';
import fc from 'fast-check';
import { candidatesFor } from '../../../src/engine/advisor/candidates';
import { firstAnswer } from '../../../src/engine/advisor/firstAnswer';
import { findSites } from '../../../src/engine/advisor/sites';
import type { Network } from '../../../src/engine/network';
import { describedCases } from '../../corpus/advice/cases';
import { readSource, sourceOf, withoutNorms } from '../../corpus/advice/readCase';

/** Names that Python or PyTorch gives a meaning to, and inputs, which a person asks for by name. */
const MEANT = /^(__\w+__|self|forward|training|super|x|z|t|tokens|state|action|adjacency)$/;

/** The source with every class, attribute and method of its own under another name. */
function renamed(text: string, suffix: string): { text: string; name: (before: string) => string } {
  const classes = new Set([...text.matchAll(/^\s*class (\w+)/gm)].map((match) => match[1]!));
  const attributes = new Set([...text.matchAll(/\bself\.(\w+)/g)].map((match) => match[1]!));
  for (const name of [...classes, ...attributes]) if (MEANT.test(name)) attributes.delete(name);
  const other = (name: string) => `q${suffix}_${[...name].reverse().join('')}`;
  let after = text;
  for (const name of classes)
    after = after.replace(new RegExp(`(?<![.\\w])${name}\\b`, 'g'), `Q${suffix}${name.length}${other(name)}`);
  // A nested class is reached through its own: `Outer.Block`.
  for (const name of classes)
    after = after.replace(
      new RegExp(`(?<=Q${suffix}\\w+\\.)${name}\\b`, 'g'),
      `Q${suffix}${name.length}${other(name)}`,
    );
  for (const name of attributes) {
    after = after.replace(new RegExp(`\\bself\\.${name}\\b`, 'g'), `self.${other(name)}`);
    after = after.replace(new RegExp(`\\bdef ${name}\\b`, 'g'), `def ${other(name)}`);
  }
  return {
    text: after,
    name: (before) => (classes.has(before) ? `Q${suffix}${before.length}${other(before)}` : before),
  };
}

/** The source with its classes in another order, each behind those that it is derived from. */
function reordered(text: string, draw: (most: number) => number): string {
  const [head, ...parts] = text.split(/^(?=class |loss = |def penalty|from |import (?!torch))/m);
  const waiting = parts.filter((part) => part.startsWith('class '));
  const rest = parts.filter((part) => !part.startsWith('class '));
  const nameOf = (part: string) => /^class (\w+)/.exec(part)![1]!;
  const known = new Set(waiting.map(nameOf));
  const placed: string[] = [];
  while (waiting.length > 0) {
    const there = new Set(placed.map(nameOf));
    const ready = waiting.filter((part) => {
      const base = /^class \w+\((\w+)\)/.exec(part)?.[1];
      return base === undefined || !known.has(base) || there.has(base);
    });
    const next = ready[draw(ready.length - 1)]!;
    waiting.splice(waiting.indexOf(next), 1);
    placed.push(next);
  }
  return [
    head,
    ...rest.filter((part) => /^(from|import)/.test(part)),
    ...placed,
    ...rest.filter((part) => !/^(from|import)/.test(part)),
  ].join('\n');
}

/** What is advised, without the names of layers. */
const told = (network: Network) =>
  [network, withoutNorms(network)].map((each) => {
    const { prior, conclusion, ranked } = firstAnswer(each);
    const sites = findSites(each);
    return {
      family: prior.family.kind,
      known: prior.practices.map(({ message }) => message.id),
      ranked,
      answer: [conclusion.candidate.norm, conclusion.keep, conclusion.because, conclusion.confidence],
      places: sites.map(({ place, existing }) => [place, existing]),
      candidates: candidatesFor(each, sites).map(({ label, impossible, untrained }) => [
        label,
        impossible?.id,
        untrained?.id,
      ]),
    };
  });

describe('the advice does not depend', function () {
  this.timeout(120_000);

  it('on names of classes, layers and methods, nor on the order of classes (property)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...describedCases),
        fc.stringMatching(/^[a-z]{1,6}$/),
        fc.array(fc.nat({ max: 1000 }), { minLength: 30, maxLength: 30 }),
        async (one, suffix, draws) => {
          const { text, name } = sourceOf(one);
          const other = renamed(text, suffix);
          let drawn = 0;
          const shuffled = reordered(other.text, (most) => draws[drawn++ % draws.length]! % (most + 1));
          assert.notEqual(shuffled, text);
          const [before, after] = [
            await readSource(one, text, name),
            await readSource(one, shuffled, other.name(name)),
          ];
          assert.equal(after.unmodelled.length, before.unmodelled.length);
          assert.deepEqual(told(after), told(before), one.name);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('on the order in which a class makes its layers', async () => {
    const one = describedCases.find(({ name }) => name === 'U-Net (milesial, batch 16)')!;
    const { text, name } = sourceOf(one);
    const lines = /(class UNet\(nn\.Module\):\n.*\n {8}super.*\n)((?: {8}self\..*\n)+)/.exec(text)!;
    const backwards = lines[2]!.trimEnd().split('\n').reverse().join('\n');
    const other = text.replace(lines[0], `${lines[1]}${backwards}\n`);
    assert.notEqual(other, text);
    const network = await readSource(one, other, name);
    assert.notEqual(network.modules[1]!.id, (await readSource(one, text, name)).modules[1]!.id);
    assert.deepEqual(told(network), told(await readSource(one, text, name)));
  });
});
