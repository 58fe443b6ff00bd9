import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCsv } from '../../../src/engine/dataFiles/csv';
import { InputError } from '../../../src/engine/network';

const refusal = (text: string): string => {
  try {
    parseCsv(text, 't.csv');
  } catch (error) {
    assert.ok(error instanceof InputError, `not an InputError: ${error}`);
    assert.match(error.message, /^t\.csv[^\n]*: [^\n]+; [^\n]+$/);
    return error.message;
  }
  return assert.fail('the table was read');
};

describe('.csv files', () => {
  const expected = { shape: [2, 3], values: [1, -2.5, 3000, 4, 0.5, 0] };
  for (const [what, text, columns] of [
    ['commas', '1,-2.5,3e3\n4,.5,0\n', undefined],
    ['semicolons and Windows line ends', '1;-2.5;3E+3\r\n4;0.5;0', undefined],
    ['tabs, quotes and spaces', '"1"\t -2.5\t3000\n4\t"0.5" \t-0', undefined],
    ['a header and a byte order mark', '\uFEFFa,"b c",y\n1,-2.5,3e3\n4,0.5,0\n\n', ['a', 'b c', 'y']],
  ] as const) {
    it(`are read with ${what}`, () => {
      const table = parseCsv(text, 't.csv');
      assert.deepEqual([table.array.shape, table.columns], [expected.shape, columns]);
      assert.deepEqual(
        Array.from(table.array.values as Float64Array, (value) => value + 0),
        expected.values,
      );
    });
  }

  it('say the line and the column of what is no number', () => {
    assert.match(refusal('a,b\n1,2\n3,x\n'), /^t\.csv:3: column b holds 'x', which is no number; write numbers/);
    assert.match(refusal('1,2\n3,\n'), /^t\.csv:2: column 2 has no value; fill it/);
    assert.match(refusal('a,b\n1,NaN'), /^t\.csv:2: column b has no value/);
    assert.match(refusal('1,2\n3\n'), /^t\.csv:2: this line has 1 values, and the first has 2/);
    assert.match(refusal('\n\n'), /the table is empty/);
    assert.match(refusal('a,b\n1,0x10'), /'0x10'/);
    assert.match(refusal(`a,b\n1,${'z'.repeat(500)}`), /'z{40}…'/);
  });

  it('give back what was written (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain((columns) =>
          fc.array(
            fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: columns, maxLength: columns }),
            {
              minLength: 1,
              maxLength: 6,
            },
          ),
        ),
        fc.constantFrom(',', ';', '\t'),
        fc.boolean(),
        (rows, separator, header) => {
          const lines = rows.map((row) => row.map(String).join(separator));
          const names = rows[0]!.map((_, i) => `c${i}`).join(separator);
          const { array } = parseCsv([...(header ? [names] : []), ...lines].join('\n'), 't.csv');
          assert.deepEqual(array.shape, [rows.length, rows[0]!.length]);
          assert.deepEqual(
            [...(array.values as Float64Array)].map((x) => x + 0),
            rows.flat().map((x) => x + 0),
          );
        },
      ),
    );
  });

  it('of any text are a table or one line (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        try {
          parseCsv(text, 't.csv');
        } catch (error) {
          assert.ok(error instanceof InputError, String(error));
          assert.ok(!error.message.includes('\n'));
        }
      }),
      { numRuns: 300 },
    );
  });
});
