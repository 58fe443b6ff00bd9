import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyChanges, type Change, type NewLayer } from '../../../src/engine/change';
import { findLayer } from '../../../src/engine/layers';
import { countParameters, formatShape, type Network, valueShapes } from '../../../src/engine/network';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { measure, networkOf } from '../../measure';

const residualNet = networkOf({
  input: [3, 8, 8],
  batch: 4,
  layers: [
    { Conv2d: { out_channels: 8, kernel_size: 3, padding: 1 } },
    'ReLU',
    {
      residual: [
        { Conv2d: { out_channels: 8, kernel_size: 3, padding: 1, bias: false } },
        'BatchNorm2d',
        'ReLU',
        { Conv2d: { out_channels: 8, kernel_size: 3, padding: 1, bias: false } },
        { GroupNorm: { num_groups: 2, num_channels: 8 } },
      ],
    },
    { AdaptiveAvgPool2d: { output_size: 1 } },
    'Flatten',
    { Linear: { out_features: 10 } },
  ],
});

const batchNorm = (features: number): NewLayer => ({ kind: 'BatchNorm2d', attributes: { num_features: features } });
const groupNorm = (groups: number, channels: number): NewLayer => ({
  kind: 'GroupNorm',
  attributes: { num_groups: groups, num_channels: channels },
});

/** Everything about a network that a change may touch. */
const tables = ({ modules, parameters, buffers, calls, outputs }: Network) => ({
  modules,
  parameters,
  buffers,
  calls,
  outputs,
});

/** Each call takes only what was computed before it, in shapes that its row gives; modules and tensors are all there. */
function assertConsistent(network: Network): void {
  const shapes = valueShapes(network);
  const known = new Set(network.inputs.map(({ name }) => name));
  const modules = new Set(network.modules.map(({ id }) => id));
  assert.equal(modules.size, network.modules.length, 'a module id stands twice');
  const calls = new Set(network.calls.map(({ id }) => id));
  assert.equal(calls.size, network.calls.length, 'a call id stands twice');
  for (const call of network.calls) {
    const inputs = call.inputs.map((operand) => {
      assert.ok('value' in operand && known.has(operand.value), `${call.id} takes what is not there`);
      return shapes.get(operand.value)!;
    });
    const given = findLayer(call.kind)!.outputShapes(inputs, call.attributes);
    assert.deepEqual(given.map(formatShape), call.outputShapes.map(formatShape), call.id);
    if (call.module !== undefined) assert.ok(modules.has(call.module));
    known.add(call.id);
  }
  for (const output of network.outputs) assert.ok(known.has(output));
  const tensors = new Set([...network.parameters, ...network.buffers].map(({ id }) => id));
  const named = network.modules.flatMap(({ parameters, buffers }) => [
    ...Object.values(parameters),
    ...Object.values(buffers),
  ]);
  assert.deepEqual(new Set(named), tensors);
}

describe('applyChanges', () => {
  const before = JSON.stringify(residualNet);
  afterEach(() => assert.equal(JSON.stringify(residualNet), before, 'the original was changed'));

  const apply = (...changes: Change[]): Network => {
    const changed = applyChanges(residualNet, changes);
    assertConsistent(changed);
    return changed;
  };

  it('inserts a norm behind a call: shapes stay, two values a channel come on', () => {
    const changed = apply({ operation: 'insert', site: '0', layer: batchNorm(8) });
    assert.equal(countParameters(changed).total, countParameters(residualNet).total + 2 * 8);
    assert.equal(changed.buffers.length, residualNet.buffers.length + 2);
    const at = changed.calls.findIndex(({ id }) => id === '0');
    assert.deepEqual([changed.calls[at + 1]!.kind, changed.calls[at + 2]!.kind], ['BatchNorm2d', 'ReLU']);
    assert.deepEqual(changed.calls[at + 2]!.inputs, [{ value: changed.calls[at + 1]!.id }]);
    assert.deepEqual(changed.calls[at + 1]!.source, residualNet.calls[at]!.source);
  });

  it('everything that took the value takes the norm’s, the shortcut too', () => {
    const changed = apply({ operation: 'insert', site: '1', layer: batchNorm(8) });
    assert.ok(!changed.calls.some(({ id, inputs }) => id !== '1+norm' && JSON.stringify(inputs).includes('"1"')));
    assert.equal(changed.calls.filter(({ inputs }) => JSON.stringify(inputs).includes('"1+norm"')).length, 2);
  });

  it('inserts behind what the network returns', () => {
    const layer = { kind: 'LayerNorm', attributes: { normalized_shape: [10] } };
    assert.deepEqual(apply({ operation: 'insert', site: '5', layer }).outputs, ['5+norm']);
  });

  it('replaces a norm in its place, with its own parameters and buffers and without the old ones', () => {
    const changed = apply({ operation: 'replace', site: '2.1', layer: groupNorm(4, 8) });
    assert.equal(countParameters(changed).total, countParameters(residualNet).total);
    assert.equal(changed.buffers.length, 0);
    assert.deepEqual(
      changed.modules.map(({ id }) => id),
      residualNet.modules.map(({ id }) => id),
    );
    const module = changed.modules.find(({ id }) => id === '2.1')!;
    assert.deepEqual([module.kind, module.attributes.num_groups, module.attributes.eps], ['GroupNorm', 4, 1e-5]);
    const without = apply({
      operation: 'replace',
      site: '2.4',
      layer: { kind: 'InstanceNorm2d', attributes: { num_features: 8 } },
    });
    assert.equal(countParameters(without).total, countParameters(residualNet).total - 16);
  });

  it('what stands already is left as it is, its initialization with it', () => {
    assert.equal(apply({ operation: 'replace', site: '2.4', layer: groupNorm(2, 8) }), residualNet);
  });

  it('removes a norm with what it owned', () => {
    const changed = apply({ operation: 'remove', site: '2.1' });
    assert.equal(countParameters(changed).total, countParameters(residualNet).total - 16);
    assert.equal(changed.buffers.length, 0);
    assert.deepEqual(changed.calls.find(({ id }) => id === '2.2')!.inputs, [{ value: '2.0' }]);
  });

  it('sets attributes: a bias goes, and the weight begins as it did', () => {
    const changed = apply({ operation: 'set', site: '2.4', attributes: { num_groups: 4, eps: 0.5, bias: false } });
    assert.equal(countParameters(changed).total, countParameters(residualNet).total - 8);
    const { attributes } = changed.modules.find(({ id }) => id === '2.4')!;
    assert.deepEqual([attributes.num_groups, attributes.eps, attributes.affine], [4, 0.5, true]);
    const weight = ({ parameters }: Network) => parameters.find(({ id }) => id === '2.4.weight');
    assert.equal(weight(changed)!.initialization, weight(residualNet)!.initialization);
    const order = ({ parameters }: Network) => parameters.map(({ id }) => id).filter((id) => id !== '2.4.bias');
    assert.deepEqual(order(changed), order(residualNet));
    const biased = apply({ operation: 'set', site: '2.0', attributes: { bias: true } });
    assert.equal(countParameters(biased).total, countParameters(residualNet).total + 8);
  });

  it('changes a module that is called twice at both places, and keeps it while one call is left', () => {
    const twice = networkOf({
      input: { x: [8] },
      graph: {
        modules: [
          { id: 'norm', kind: 'LayerNorm' },
          { id: 'fc', kind: 'Linear', attributes: { out_features: 8 } },
        ],
        calls: [
          { module: 'norm', inputs: ['x'] },
          { module: 'fc', inputs: ['norm'] },
          { module: 'norm', inputs: ['fc'] },
        ],
      },
    });
    const layer = { kind: 'RMSNorm', attributes: { normalized_shape: [8] } };
    const replaced = applyChanges(twice, [{ operation: 'replace', site: 'norm', layer }]);
    assertConsistent(replaced);
    assert.deepEqual(
      replaced.calls.map(({ kind }) => kind),
      ['RMSNorm', 'Linear', 'RMSNorm'],
    );
    const once = applyChanges(twice, [{ operation: 'remove', site: 'norm' }]);
    assertConsistent(once);
    assert.equal(countParameters(once).total, countParameters(twice).total);
  });

  it('refuses a site that is not there, and a kind that nobody knows', () => {
    const layer = batchNorm(8);
    assert.throws(() => apply({ operation: 'insert', site: 'nowhere', layer }), /nowhere/);
    assert.throws(() => apply({ operation: 'replace', site: 'nowhere', layer }), /nowhere/);
    assert.throws(() => apply({ operation: 'remove', site: 'nowhere' }), /nowhere/);
    assert.throws(
      () => apply({ operation: 'insert', site: '0', layer: { kind: 'MysteryNorm', attributes: {} } }),
      /MysteryNorm/,
    );
  });

  it('removing what was inserted gives the network back (property)', () => {
    const images = residualNet.calls.filter(({ outputShapes: [shape] }) => shape!.length === 4);
    const anySite = fc.constantFrom(...images.map(({ id }) => id));
    const anyLayer = fc.constantFrom<NewLayer[]>(batchNorm(8), groupNorm(4, 8), groupNorm(1, 8));
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(anySite, anyLayer), { selector: ([site]) => site }), (changes) => {
        const inserted = applyChanges(
          residualNet,
          changes.map(([site, layer]) => ({ operation: 'insert', site, layer })),
        );
        assertConsistent(inserted);
        assert.equal(countParameters(inserted).total, countParameters(residualNet).total + 16 * changes.length);
        const back = applyChanges(
          inserted,
          changes.map(([site]) => ({ operation: 'remove', site: `${site}+norm` })),
        );
        assert.deepEqual(tables(back), tables(residualNet));
      }),
      { numRuns: 60 },
    );
  });

  it('a changed network runs', async () => {
    const runtime = new ProcessRuntime();
    try {
      const changed = apply(
        { operation: 'insert', site: '0', layer: groupNorm(2, 8) },
        { operation: 'replace', site: '2.1', layer: groupNorm(4, 8) },
        { operation: 'remove', site: '2.4' },
      );
      const { runs, layers } = await measure(runtime, changed, { steps: 2 });
      assert.ok(runs[0]!.losses.every(Number.isFinite));
      assert.ok(layers.get('0+norm')!.gradientNorm! > 0);
    } finally {
      runtime.dispose();
    }
  });
});
