import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readData } from '../../../src/engine/dataFiles';
import { InputError } from '../../../src/engine/network';
import { bytesOf, npyOfFloats, npyOfWholeNumbers, numpyFiles } from './numpyFiles';

describe('--data', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'normscope-data-'));
    const put = (name: string, content: string | Buffer) => writeFile(path.join(directory, name), content);
    await put('x.npy', npyOfFloats([2, 3], [1, 2, 3, 4, 5, 6]));
    await put('second.npy', npyOfFloats([2, 1], [7, 8]));
    await put('y.npy', npyOfWholeNumbers([2], [0, 1]));
    await put('stored.npz', bytesOf(numpyFiles.npz.stored!));
    await put('mnist.npz', bytesOf(numpyFiles.npz['training and test']!));
    await put('table.csv', 'a,b,label\n1,2,0\n3,4,1\n');
    await put('first.csv', 'label,a,b\n0,1,2\n1,3,4\n');
    await put('plain.csv', '1,2,0\n3,4,1\n');
    await put('x.csv', '1,2\n3,4\n');
    await put('y.csv', '0\n1\n');
    await put('notes.txt', 'text');
    await put('large.npy', '');
    await truncate(path.join(directory, 'large.npy'), 1_000_000_001);
  });
  after(() => rm(directory, { recursive: true }));

  const shown = async (option: string): Promise<string> => {
    const { inputs, target, files } = await readData(option, directory);
    const text = ({ name, shape }: (typeof inputs)[number]) => `${name ?? '-'}[${shape}]`;
    return `${inputs.map(text).join(' ')} → ${text(target)} of ${files.join(' ')}`;
  };
  const refusal = (option: string): Promise<string> =>
    readData(option, directory).then(
      () => assert.fail('the data was read'),
      (error: unknown) => {
        assert.ok(error instanceof InputError, `not an InputError: ${error}`);
        assert.match(error.message, /^[^\n]+; [^\n]+$/);
        return error.message;
      },
    );

  it('takes inputs in order, then targets; or by their names, in any order', async () => {
    assert.equal(await shown('x.npy,y.npy'), '-[2,3] → -[2] of x.npy y.npy');
    assert.equal(await shown('x.npy, second.npy,y.npy'), '-[2,3] -[2,1] → -[2] of x.npy second.npy y.npy');
    assert.equal(await shown('y=y.npy,left=x.npy'), 'left[2,3] → y[2] of y.npy x.npy');
    assert.equal(await shown(`${path.join(directory, 'x.npy')},y.npy`), `-[2,3] → -[2] of ${directory}/x.npy y.npy`);
  });

  it('takes an archive, of which arrays for testing stay out', async () => {
    assert.equal(await shown('stored.npz'), 'x[3,2] → y[3] of stored.npz');
    assert.equal(await shown('mnist.npz'), 'x_train[3,2] → y_train[3] of mnist.npz');
  });

  it('takes tables: targets in the column of that name, else in the last, or in a table of their own', async () => {
    assert.equal(await shown('table.csv'), 'x[2,2] → y[2] of table.csv');
    assert.equal(await shown('plain.csv'), 'x[2,2] → y[2] of plain.csv');
    assert.equal(await shown('x.csv,y.csv'), '-[2,2] → -[2,1] of x.csv y.csv');
    const { inputs, target } = await readData('first.csv', directory);
    assert.deepEqual(
      [[...inputs[0]!.values], [...target.values]],
      [
        [1, 2, 3, 4],
        [0, 1],
      ],
    );
  });

  it('refuses in one line what is missing, no file, too large or of another kind', async () => {
    assert.match(await refusal('x.npy,z.npy'), /^z\.npy: there is no such file; check its path/);
    assert.match(await refusal('.,y.npy'), /^\.: data files end in \.npy, \.npz or \.csv/);
    assert.match(await refusal('notes.txt,y.npy'), /^notes\.txt: data files end in/);
    assert.match(
      await refusal('x.npy'),
      /^x\.npy: this is one array, and a training needs inputs and targets; write --data/,
    );
    assert.match(await refusal(' , '), /names no file/);
    assert.match(
      await refusal('large.npy,y.npy'),
      /^large\.npy: the file holds 1000 MB, and up to 1000 MB are read; save fewer/,
    );
    assert.match(await refusal('x=stored.npz,y.npy'), /^stored\.npz: an archive has the names of its own arrays/);
    assert.match(await refusal('y.csv'), /^y\.csv: the table has one column/);
  });
});
