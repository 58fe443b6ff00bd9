import assert from 'node:assert/strict';
import { AttributeError, outputTypes, ShapeError } from '../../src/engine/layers';
import type { TensorData } from '../../src/engine/runtime';
import { relativeError } from '../execute';
import type { LayerCase } from './layerCase';
import {
  bindAttributes,
  completedAttributes,
  type LayerAnswer,
  type PreparedCase,
  refusedRequest,
  rowOf,
} from './layerRequests';
import { expressLayer, type LayerValues } from './runLayer';
import { decode, type EncodedTensor } from './tensors';

/** What float32 did to PyTorch's own tensor, and what rounding alone may do to any: absolute. */
interface Noise {
  readonly rounding: number;
  readonly floor: number;
}

/**
 * One tensor against PyTorch's: its shape, and max|a − b| / max|b|. Where PyTorch's float32 is itself further than a
 * tenth of the tolerance from its double precision (a gradient that is zero but for rounding, a flat side, few values a
 * channel), eight times that distance is allowed, and what rounding of the gradients that are summed may leave.
 * @returns whether that was needed
 */
function assertClose(
  what: string,
  ours: TensorData,
  theirs: EncodedTensor,
  tolerance: number,
  noise: Noise | undefined,
): boolean {
  assert.deepEqual([...ours.shape], [...theirs.shape], `${what}: shape`);
  const [a, b] = [ours.values as Float32Array, decode(theirs) as Float32Array];
  const error = relativeError(a, b);
  if (error <= tolerance) return false;
  const scale = b.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
  const illConditioned = noise !== undefined && noise.rounding > 0.1 * tolerance * scale;
  const allowed = illConditioned && scale > 0 ? (8 * noise.rounding + noise.floor) / scale : tolerance;
  assert.ok(error <= allowed, `${what}: differs by ${error}, allowed ${allowed}`);
  return true;
}

/** What a row declares against what PyTorch registers: shapes foretold, parameters in order, initial bounds, inner modules. */
export function compareDeclarations(prepared: PreparedCase, answer: LayerAnswer): void {
  assert.ok(!('error' in answer), 'error' in answer ? `PyTorch refuses: ${answer.error}` : '');
  const { row, request, completed } = prepared;
  // The shape function, which knows no tensor, foretells PyTorch's shapes.
  assert.deepEqual(
    row.outputShapes(
      request.inputs.map(({ shape }) => shape),
      completed,
    ),
    answer.outputs.map(({ shape }) => shape),
  );
  if (request.function) return;
  const declared = Object.entries(row.parameters?.(completed) ?? {});
  assert.deepEqual(
    declared.map(([name, { shape }]) => ({ name, shape: [...shape] })),
    answer.initial.map(({ name, shape }) => ({ name, shape })),
    'parameters in registration order',
  );
  for (const [i, { name, largest }] of answer.initial.entries()) {
    const { initialization } = declared[i]![1];
    if (initialization.kind === 'constant')
      assert.equal(largest, Math.fround(Math.abs(initialization.value)), `${name} starts at`);
    else if (initialization.kind === 'uniform') assert.ok(largest <= initialization.high * (1 + 1e-6), `${name} bound`);
  }
  assert.deepEqual(row.submodules ?? {}, answer.submodules, 'inner modules');
}

/**
 * A row's declarations and the values it gave against PyTorch's answer to the same case.
 * @returns whether a tensor was compared with an ill-conditioned one's tolerance
 */
export function compareLayer(prepared: PreparedCase, ours: LayerValues, answer: LayerAnswer): boolean {
  assert.ok(!('error' in answer), 'error' in answer ? `PyTorch refuses: ${answer.error}` : '');
  compareDeclarations(prepared, answer);
  const { rounding } = answer;
  let illConditioned = false;
  const close = (what: string, a: TensorData, b: EncodedTensor, noise: number | null | undefined, floor = 0) => {
    const known = typeof noise === 'number' ? { rounding: noise, floor } : undefined;
    if (assertClose(what, a, b, prepared.tolerance, known)) illConditioned = true;
  };
  // Two units in the last place of each gradient that a sum may run over.
  const floor = 2 ** -22 * (rounding?.outputGradient ?? 0);
  answer.outputs.forEach((theirs, i) => {
    close(`output ${i}`, ours.outputs[i]!, theirs, rounding?.outputs[i]);
  });
  answer.inputGradients.forEach((theirs, i) => {
    if (theirs) close(`gradient by input ${i}`, ours.inputGradients[i]!, theirs, rounding?.inputGradients[i], floor);
    else assert.equal(ours.inputGradients[i], null);
  });
  assert.deepEqual(Object.keys(ours.parameterGradients), Object.keys(answer.parameterGradients));
  for (const [name, theirs] of Object.entries(answer.parameterGradients)) {
    close(`gradient by ${name}`, ours.parameterGradients[name]!, theirs, rounding?.parameterGradients[name], floor);
  }
  for (const [name, theirs] of Object.entries(answer.buffers)) {
    close(`buffer ${name}`, ours.buffers[name]!, theirs, rounding?.buffers[name]);
  }
  return illConditioned;
}

/** How our side words its refusal of a case; undefined where it accepts it. */
export function ourRefusal(kind: string, refused: LayerCase): string | undefined {
  const row = rowOf(kind);
  try {
    const completed = completedAttributes(kind, refused);
    const batch = refused.batch ?? 1;
    const request = refusedRequest(kind, refused);
    outputTypes(
      row,
      request.inputs.map(({ dtype }) => dtype ?? 'float32'),
      completed,
    );
    row.outputShapes(
      request.inputs.map(({ shape }) => shape),
      bindAttributes(completed, batch),
    );
    const declared = (specs: Readonly<Record<string, { shape: readonly number[] }>> | undefined) =>
      Object.fromEntries(Object.entries(specs ?? {}).map(([name, { shape }]) => [name, { shape, data: '' }]));
    expressLayer({
      row,
      request: {
        ...request,
        parameters: declared(refused.function ? undefined : row.parameters?.(completed)),
        buffers: declared(refused.function ? undefined : row.buffers?.(completed)),
      },
      completed: bindAttributes(completed, batch),
      batch,
      tolerance: 0,
    });
    return undefined;
  } catch (error) {
    if (error instanceof ShapeError || error instanceof AttributeError) return error.message;
    throw error;
  }
}
