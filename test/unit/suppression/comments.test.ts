import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ignoreComments } from '../../../src/engine/suppression/comments';

const spoken = (text: string, format: 'python' | 'yaml' = 'python') =>
  ignoreComments(text, format).map(({ first, last, rules }) => [first, last, rules ?? 'all']);

describe('suppression: comments', () => {
  it('speak of their line, or of the next where they stand alone', () => {
    assert.deepEqual(spoken("a = 1  # normscope: ignore[a-rule]\n\nb = '#'  # why; # normscope: ignore"), [
      [1, 1, ['a-rule']],
      [3, 3, 'all'],
    ]);
    assert.deepEqual(spoken("b = '#'  # normscope: ignore[ a-rule,b-rule ] as it is meant so"), [
      [1, 1, ['a-rule', 'b-rule']],
    ]);
    assert.deepEqual(spoken('# normscope: ignore\n# because\na = 1\nb = 2'), [[3, 3, 'all']]);
    assert.deepEqual(spoken('# normscope: ignore\n\na = 1'), []);
  });

  it('stand beside directives, and are no other words', () => {
    assert.deepEqual(spoken('a = 1  # normscope: input=3x8x8 ignore[x]'), [[1, 1, ['x']]]);
    assert.deepEqual(spoken('a = 1  # normscope: input=3x8x8\nb = "# normscope: ignore"\nc = 1 # ignore'), []);
  });

  it('speak of all of a class or function whose line they stand on', () => {
    const text = [
      'class Net(nn.Module):  # normscope: ignore[a]',
      '    def __init__(self):',
      '        x = """',
      '        """',
      '',
      '# a comment in between',
      '    def forward(self, x):',
      '        return x',
      '',
      'def other(',
      '    width,',
      ') -> Net:  # normscope: ignore[b]',
      '    return Net(width)',
      'last = 1',
      '@decorated',
      '# normscope: ignore[c]',
      '@twice',
      'async def third(): pass',
    ].join('\n');
    assert.deepEqual(spoken(text), [
      [1, 8, ['a']],
      [10, 13, ['b']],
      [18, 18, ['c']],
    ]);
  });

  it('speak of all of an entry in YAML', () => {
    const text = [
      'input: [3]',
      'layers:',
      '  - Linear:  # normscope: ignore[a]',
      '      out_features: 3',
      '  # normscope: ignore[b]',
      '  - repeat: 2',
      '    layers: [ReLU]',
      'other:  # normscope: ignore',
      '- x',
      'last: 1',
    ].join('\r\n');
    assert.deepEqual(spoken(text, 'yaml'), [
      [3, 4, ['a']],
      [6, 7, ['b']],
      [8, 9, 'all'],
    ]);
  });

  it('are read in time that grows with the text, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('#', "'", '"', '\\', ' normscope:', 'ignore', '[', ']', '\n', ' ', 'class x', '):')),
        (parts) => {
          const text = parts.join('');
          const lines = text.split('\n').length;
          for (const { first, last } of [...ignoreComments(text, 'python'), ...ignoreComments(text, 'yaml')]) {
            assert.ok(first >= 1 && first <= last && last <= lines);
          }
        },
      ),
    );
    const hostile = `${`'"\\`.repeat(20_000)}\n# normscope: ignore\nx`;
    const started = process.cpuUsage();
    ignoreComments(hostile, 'python');
    assert.ok(process.cpuUsage(started).user < 500_000);
  });
});
