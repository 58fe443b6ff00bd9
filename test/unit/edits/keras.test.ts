import assert from 'node:assert/strict';
import { applyChanges, type Change } from '../../../src/engine/change';
import { editableSource } from '../../../src/engine/editableSource';
import { editSource } from '../../../src/engine/edits';
import { fileDocument, type SourceDocument } from '../../../src/engine/network';
import { pythonReader } from '../../../src/engine/readers/pythonFiles';
import { applyEdits, undoOf } from './applyEdits';

const read = (document: SourceDocument) => pythonReader.read(document, {});

async function edited(text: string, changes: readonly Change[]): Promise<string> {
  const document = fileDocument('/models/net.py', text);
  const network = (await read(document))[0]!;
  const result = await editSource(network, changes, editableSource(document, network, read));
  if ('refused' in result) return result.refused.text;
  const after = applyEdits(text, result.edits);
  assert.equal(applyEdits(after, undoOf(text, result.edits)), text);
  assert.equal(result.network.calls.length, applyChanges(network, result.changes).calls.length);
  return after;
}

const line = (text: string, at: RegExp): string | undefined =>
  text
    .split('\n')
    .find((each) => at.test(each))
    ?.trim();
const batchNorm = { kind: 'KerasBatchNormalization', attributes: { channels: 8 } };
const groupNorm = { kind: 'KerasGroupNormalization', attributes: { channels: 8, groups: 4 } };
const layerNorm = { kind: 'KerasLayerNormalization', attributes: { shape: [8] } };

/** Each style of a Keras model, with a norm behind its first layer and a second softmax. */
const SEQUENTIAL = `import keras
from keras import layers

model = keras.Sequential([
    keras.Input((16, 16, 3)),
    layers.Conv2D(8, 3),  # first
    layers.BatchNormalization(),
    layers.ReLU(),
    layers.GlobalAveragePooling2D(),
    layers.Dense(10, activation='softmax'),
])
`;
const ADDED = `from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Input, Conv2D, BatchNormalization, ReLU, GlobalAveragePooling2D, Dense

model = Sequential()
model.add(Input((16, 16, 3)))
model.add(Conv2D(8, 3))  # first
model.add(BatchNormalization())
model.add(ReLU())
model.add(GlobalAveragePooling2D())
model.add(Dense(10, activation='softmax'))
`;
const FUNCTIONAL = `from tensorflow import keras

inputs = keras.Input((16, 16, 3))
x = keras.layers.Conv2D(8, 3)(inputs)  # first
x = keras.layers.BatchNormalization()(x)
x = keras.layers.ReLU()(x)
x = keras.layers.GlobalAveragePooling2D()(x)
outputs = keras.layers.Dense(10, activation='softmax')(x)
model = keras.Model(inputs, outputs)
`;
const SUBCLASSED = `import keras
from keras import layers

class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = layers.Conv2D(8, 3)
        self.norm = layers.BatchNormalization()
        self.act = layers.ReLU()
        self.pool = layers.GlobalAveragePooling2D()
        self.head = layers.Dense(10, activation='softmax')

    def call(self, x):
        x = self.act(self.norm(self.first(x)))
        return self.head(self.pool(x))

model = Net()
model.build((None, 16, 16, 3))
`;
const STYLES = { SEQUENTIAL, ADDED, FUNCTIONAL, SUBCLASSED };

describe('edits of Keras source', () => {
  for (const [style, text] of Object.entries(STYLES)) {
    describe(style.toLowerCase(), () => {
      it('leaves out a bias', async () => {
        const after = await edited(text, [{ operation: 'set', site: 'conv2d', attributes: { use_bias: false } }]);
        assert.match(line(after, /Conv2D\(8/) ?? after, /Conv2D\(8, 3, use_bias=False\)/);
      });

      it('takes a norm away', async () => {
        const after = await edited(text, [{ operation: 'remove', site: 'batch_normalization' }]);
        assert.doesNotMatch(after.replace(/^from.*$/gm, ''), /BatchNormalization|self\.norm/, after);
        assert.equal(after.split('\n').length, text.split('\n').length - 1);
      });

      it('puts another norm in its place, with the import that it lacks', async () => {
        const after = await edited(text, [{ operation: 'replace', site: 'batch_normalization', layer: groupNorm }]);
        assert.match(after, /(keras\.layers\.|layers\.)?GroupNormalization\(groups=4\)/);
        if (style === 'ADDED') assert.match(after, /GlobalAveragePooling2D, Dense, GroupNormalization\n/);
      });

      it('adds a norm behind a layer', async () => {
        const after = await edited(text, [{ operation: 'insert', site: 're_lu', layer: batchNorm }]);
        assert.equal(after.match(/BatchNormalization\(\)/g)?.length, 2, after);
      });

      it('adds one with arguments, behind the first layer', async () => {
        const after = await edited(text, [{ operation: 'insert', site: 'conv2d', layer: layerNorm }]);
        assert.match(after, /LayerNormalization\(\)/, after);
      });

      it('drops a second softmax', async () => {
        const after = await edited(text, [{ operation: 'remove', site: 'dense.softmax' }]);
        assert.match(line(after, /Dense\(10/) ?? after, /Dense\(10\)/);
      });
    });
  }

  it('writes a line of its own in each style', async () => {
    const insert: Change = { operation: 'insert', site: 'conv2d', layer: batchNorm };
    const second = async (text: string) => {
      const lines = (await edited(text, [insert])).split('\n');
      return lines[lines.findIndex((each) => /# first|self\.first = /.test(each)) + 1];
    };
    assert.equal(await second(SEQUENTIAL), '    layers.BatchNormalization(),');
    assert.equal(await second(ADDED), 'model.add(BatchNormalization())');
    assert.equal(await second(FUNCTIONAL), 'x = keras.layers.BatchNormalization()(x)');
    assert.equal(await second(SUBCLASSED), '        self.first_bn = layers.BatchNormalization()');
  });

  it('changes alike what a loop or a helper makes, and refuses between a layer and its activation', async () => {
    const helper = `import keras
from keras import layers

def block(x, width):
    x = layers.Conv2D(width, 3)(x)
    return layers.ReLU()(x)

inputs = keras.Input((16, 16, 3))
model = keras.Model(inputs, layers.Flatten()(block(block(inputs, 8), 16)))
`;
    const after = await edited(helper, [{ operation: 'insert', site: 'conv2d', layer: batchNorm }]);
    assert.match(after, /Conv2D\(width, 3\)\(x\)\n {4}x = layers\.BatchNormalization\(\)\(x\)\n/);
    const narrow = helper.replace('inputs, 8), 16', 'inputs, 8), 6');
    assert.match(
      await edited(narrow, [{ operation: 'insert', site: 'conv2d', layer: groupNorm }]),
      /^Line \d+ makes layers of several widths, which one norm cannot fit/,
    );
    const inside = SEQUENTIAL.replace('layers.Conv2D(8, 3)', "layers.Conv2D(8, 3, activation='relu')");
    assert.match(await edited(inside, [{ operation: 'insert', site: 'conv2d', layer: batchNorm }]), /^Line \d+ /);
  });
});
