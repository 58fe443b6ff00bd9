import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseNpy } from '../../../src/engine/dataFiles/npy';
import { InputError } from '../../../src/engine/network';
import { bytesOf, npyFile, npyOfFloats, numpyFiles } from './numpyFiles';

/** What reading a file is refused with: one line that begins with the file. */
function refusal(file: Buffer): string {
  try {
    parseNpy(file, 'x.npy');
  } catch (error) {
    assert.ok(error instanceof InputError, `not an InputError: ${error}`);
    assert.match(error.message, /^x\.npy: [^\n]+; [^\n]+$/);
    return error.message;
  }
  return assert.fail('the file was read');
}

describe('.npy files', () => {
  for (const { name, file, shape, values } of numpyFiles.arrays) {
    it(`are read as NumPy wrote them: ${name}`, () => {
      const array = parseNpy(bytesOf(file), 'x.npy');
      assert.deepEqual(array.shape, shape);
      const written = values.map((value) => (/^(True|False)$/.test(value) ? String(Number(value === 'True')) : value));
      if (array.values instanceof BigInt64Array || array.values instanceof BigUint64Array) {
        assert.deepEqual(Array.from(array.values, String), written);
      } else assert.deepEqual(Array.from(array.values as Float64Array), written.map(Number));
    });
  }

  for (const [name, words] of [
    ['objects', /Python objects, which are not unpickled; save numbers/],
    ['texts', /'<U2', which are no plain numbers/],
    ['complex', /'<c16', which are no plain numbers/],
    ['records', /records of several fields/],
    ['dates', /which are no plain numbers/],
  ] as const) {
    it(`of ${name} are refused`, () => {
      assert.match(refusal(bytesOf(numpyFiles.refused[name]!)), words);
    });
  }

  it('that hold less than they say are refused, whatever they say', () => {
    const whole = npyOfFloats([2, 3], [1, 2, 3, 4, 5, 6]);
    assert.match(
      refusal(whole.subarray(0, -1)),
      /it says \[2, 3\] of 4 bytes each, but holds 23 bytes; it is cut short/,
    );
    assert.match(refusal(npyFile('<f8', [2 ** 40, 2 ** 40], Buffer.alloc(8))), /cut short/);
    assert.match(refusal(npyFile('<f4', [99_999_999_999], Buffer.alloc(4))), /cut short/);
    assert.match(refusal(npyFile('<f4', new Array(40).fill(1), Buffer.alloc(4))), /40 dimensions/);
    assert.match(refusal(Buffer.from('PK\x03\x04 something else')), /no \.npy file/);
    assert.match(refusal(Buffer.alloc(0)), /no \.npy file/);
    assert.match(refusal(Buffer.from('\x93NUMPY\x09\x00\x00\x00\x00\x00', 'latin1')), /version 9 is not known/);
    assert.match(refusal(Buffer.from('\x93NUMPY\x02\x00\xff\xff\xff\xff', 'latin1')), /header is longer/);
    const odd = npyFile('<f4', [1], Buffer.alloc(4));
    assert.match(
      refusal(Buffer.from(odd.toString('latin1').replace('shape', 'shade'), 'latin1')),
      /header cannot be read/,
    );
  });

  it('may be cut or changed anywhere: an array or one line, never another error (property)', () => {
    const files = [
      ...numpyFiles.arrays.slice(0, 6).map(({ file }) => bytesOf(file)),
      npyOfFloats([2, 3], [1, 2, 3, 4, 5, 6]),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.nat(200),
        fc.array(fc.tuple(fc.nat(140), fc.nat(255)), { maxLength: 4 }),
        (file, end, changes) => {
          const changed = Buffer.from(file.subarray(0, end));
          for (const [at, byte] of changes) if (at < changed.length) changed[at] = byte;
          try {
            parseNpy(changed, 'x.npy');
          } catch (error) {
            assert.ok(error instanceof InputError, String(error));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
