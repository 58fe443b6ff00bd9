import assert from 'node:assert/strict';
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { openNpz } from '../../../src/engine/dataFiles/npz';
import { InputError } from '../../../src/engine/network';
import { bytesOf, npyOfFloats, numpyFiles } from './numpyFiles';

const MOST = 1e6;
const open = (file: Buffer, most = MOST) => openNpz(file, 'data.npz', most);

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof InputError, `not an InputError: ${error}`);
    assert.match(error.message, /^data\.npz[^\n]*: [^\n]+; [^\n]+$/);
    return error.message;
  }
  return assert.fail('the file was read');
}

/** A ZIP archive of one member, of which everything can be a lie. */
function archive(
  content: Buffer,
  { name = 'x.npy', says = content.length, flags = 0, method = 8, count = 1 } = {},
): Buffer {
  const packed = method === 8 ? deflateRawSync(content, { level: 9 }) : content;
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(flags, 8);
  entry.writeUInt16LE(method, 10);
  entry.writeUInt32LE(crc32(content), 16);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(says, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, entry, Buffer.from(name), end]);
}

describe('.npz files', () => {
  for (const [kind, names] of [
    ['stored', ['x', 'y']],
    ['packed', ['x', 'y']],
    ['unnamed', ['arr_0', 'arr_1']],
  ] as const) {
    it(`are read as NumPy wrote them: ${kind}`, () => {
      const { names: found, read } = open(bytesOf(numpyFiles.npz[kind]!));
      assert.deepEqual(found, names);
      const [x, y] = [read(0), read(1)];
      assert.deepEqual([x.name, x.shape, [...(x.values as Float32Array)]], [names[0], [3, 2], [0, 1, 2, 3, 4, 5]]);
      assert.deepEqual([y.shape, [...(y.values as BigInt64Array)]], [[3], [0n, 1n, 2n]]);
    });
  }

  it('without arrays, or that are no archives, are refused', () => {
    assert.match(
      refusal(() => open(bytesOf(numpyFiles.npz.none!))),
      /holds no arrays/,
    );
    assert.match(
      refusal(() => open(Buffer.from('text'))),
      /no \.npz file/,
    );
    assert.match(
      refusal(() => open(archive(Buffer.from('a'), { name: 'a.txt' }))),
      /holds no arrays/,
    );
  });

  it('unpack no more than was said, and no more than may be', () => {
    // 64 MB of zeros in 64 kB.
    const bomb = npyOfFloats([16_000_000], new Float32Array(16_000_000));
    const packed = archive(bomb);
    assert.ok(packed.length < 100_000);
    assert.match(
      refusal(() => open(packed)),
      /take more than 0\.001 GB; save fewer samples/,
    );
    // One that says it is small.
    const before = process.memoryUsage().arrayBuffers;
    assert.match(
      refusal(() => open(archive(bomb, { says: 1000 })).read(0)),
      /damaged/,
    );
    assert.ok(process.memoryUsage().arrayBuffers - before < 10e6);
  });

  it('that are damaged, encrypted or packed otherwise are refused', () => {
    const content = npyOfFloats([2], [1, 2]);
    assert.deepEqual([...(open(archive(content)).read(0).values as Float32Array)], [1, 2]);
    assert.match(
      refusal(() => open(archive(content, { flags: 1 }))),
      /x\.npy is encrypted/,
    );
    assert.match(
      refusal(() => open(archive(content, { method: 12 }))),
      /packed in an unknown way/,
    );
    assert.match(
      refusal(() => open(archive(content, { says: content.length + 1 })).read(0)),
      /damaged/,
    );
    assert.match(
      refusal(() => open(archive(content, { count: 2 }))),
      /damaged/,
    );
    assert.match(
      refusal(() => open(archive(content, { count: 5000 }))),
      /5000 arrays/,
    );
    assert.match(
      refusal(() => open(archive(content, { says: 0xffffffff }))),
      /more than/,
    );
    const broken = archive(content, { method: 0 });
    broken[60] = broken[60]! ^ 0xff;
    assert.match(
      refusal(() => open(broken).read(0)),
      /damaged/,
    );
  });

  it('may be cut or changed anywhere: arrays or one line, never another error (property)', () => {
    const files = ['stored', 'packed'].map((kind) => bytesOf(numpyFiles.npz[kind]!));
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.nat(800),
        fc.array(fc.tuple(fc.nat(800), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        (file, end, changes) => {
          const changed = Buffer.from(file.subarray(0, Math.max(end, 22)));
          for (const [at, byte] of changes) if (at < changed.length) changed[at] = byte;
          try {
            const { names, read } = open(changed);
            names.forEach((_, i) => {
              read(i);
            });
          } catch (error) {
            assert.ok(error instanceof InputError, String(error));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
