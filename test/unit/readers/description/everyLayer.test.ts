import assert from 'node:assert/strict';
import { completeAttributes, layers } from '../../../../src/engine/layers';
import { ASSUMED_OPTIMIZER, type Network, outputOf, sourceDocument, spanOf } from '../../../../src/engine/network';
import { DESCRIPTION_FORMATS } from '../../../../src/engine/readers';
import { declareModule } from '../../../../src/engine/readers/description/declare';
import { layerCases } from '../../../parity/cases';
import { kerasCases } from '../../../parity/keras/cases';
import type { LayerCase } from '../../../parity/layerCase';
import { caseName, completedAttributes, rowOf } from '../../../parity/layerRequests';
import { assertRoundTrip } from './roundTrip';

const source = spanOf(sourceDocument('file:///case', ''));

/** What is drawn anew at every step has no value to hold against PyTorch. */
const DRAWN: Readonly<Record<string, readonly LayerCase[]>> = Object.fromEntries(
  ['rand', 'randn'].map((kind) => [kind, [{ function: `torch.${kind}`, attributes: { size: [2, 3] }, inputs: [] }]]),
);

/** The network of one use of a layer: its inputs, its module or its function. */
function networkOf(kind: string, layerCase: LayerCase): Network {
  const row = rowOf(kind);
  const attributes =
    kind in DRAWN ? completeAttributes(row, layerCase.attributes ?? {}) : completedAttributes(kind, layerCase);
  const isModule = layerCase.function === undefined;
  const declared = isModule ? declareModule(row, 'layer', attributes, source) : undefined;
  const outputShapes = row.outputShapes(layerCase.inputs, attributes);
  const inputs = layerCase.inputs.map((shape, i) => {
    const values = layerCase.values?.[i];
    const whole = values !== undefined && ('integers' in values || ('dtype' in values && values.dtype === 'int64'));
    return { name: `x${i}`, shape, dtype: whole ? ('int64' as const) : ('float32' as const), origin: 'the case' };
  });
  return {
    name: kind,
    source,
    inputs,
    modules: declared?.modules ?? [],
    parameters: declared?.parameters ?? [],
    buffers: declared?.buffers ?? [],
    calls: [
      {
        id: 'layer',
        kind,
        ...(isModule && { module: 'layer' }),
        attributes,
        inputs: inputs.map(({ name }) => ({ value: name })),
        outputShapes,
        source,
      },
    ],
    outputs: outputShapes.map((_, i) => outputOf('layer', i)),
    batch: { size: layerCase.batch ?? 2, origin: 'the case' },
    task: { kind: 'regression', loss: 'MSELoss', origin: 'the case' },
    optimizer: ASSUMED_OPTIMIZER,
    unmodelled: [],
  };
}

describe('description: every layer written and read again', () => {
  for (const { kind } of layers) {
    it(`${kind}: the same network, in every use that is held against PyTorch`, () => {
      const uses = layerCases[kind]?.fixed ?? DRAWN[kind] ?? kerasCases[kind];
      assert.ok(uses && uses.length > 0);
      for (const layerCase of uses) {
        for (const format of DESCRIPTION_FORMATS) {
          try {
            assertRoundTrip(networkOf(kind, layerCase), format);
          } catch (error) {
            if (error instanceof Error) error.message = `${caseName(layerCase)} (${format}): ${error.message}`;
            throw error;
          }
        }
      }
    });
  }
});
