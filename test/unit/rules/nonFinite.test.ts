import assert from 'node:assert/strict';
import { type Network, sourceDocument } from '../../../src/engine/network';
import { readDescription } from '../../../src/engine/readers/description';
import { type Found, rules } from '../../../src/engine/rules';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { type Measuring, measure, networkOf, repeat } from '../../measure';

const head = { Linear: { out_features: 10 } };
const weights = (width: number, std: number) => ({
  Linear: { out_features: width, init: { weight: { normal: { std } } } },
});

describe('NaN and infinity in real networks', function () {
  this.timeout(60_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  const graph = (text: string): Network => readDescription(sourceDocument('file:///net.normscope.yaml', text), {});

  /** The finding, with the first layer and step. It must be the only one, or stand above those that it explains. */
  async function finding(network: Network, options: Measuring): Promise<Found & { step: number }> {
    const { found } = await measure(runtime, network, options);
    const own = found.find(({ rule }) => rule === 'non-finite');
    assert.ok(own, JSON.stringify(found.map(({ rule, layer }) => [rule, layer])));
    return { ...own, step: Number(own.evidence[0]!.value) };
  }

  it('0 divided by 0 at the start: the division, at step 0', async () => {
    // Half of what a ReLU gives is zero.
    const network = graph(`input: [16]
batch: 16
graph:
  modules:
    - {id: fc, kind: Linear, attributes: {out_features: 16}}
    - {id: act, kind: ReLU}
    - {id: head, kind: Linear, attributes: {out_features: 10}}
  calls:
    - {module: fc, inputs: [input]}
    - {module: act, inputs: [fc]}
    - {id: ratio, kind: div, inputs: [act, act]}
    - {module: head, inputs: [ratio]}
`);
    const { layer, step, message, symptoms } = await finding(network, { steps: 3 });
    assert.deepEqual([layer, step], ['ratio', 0]);
    assert.match(message.text, /^The output of ratio is not a finite number from step 0 on\. /);
    assert.ok(symptoms.some((each) => each.layer === 'head' && each.evidence[0]!.value === 0));
  });

  it('a divisor that training brings to zero: the division, at the step at which it is', async () => {
    // Weight decay with momentum carries the divisor below zero after some steps; its ReLU then gives 0.
    const network = graph(`input: [32]
batch: 32
task: {kind: classification, classes: 10}
optimizer: {SGD: {lr: 0.1, momentum: 0.9, weight_decay: 1}}
graph:
  modules:
    - {id: fc, kind: Linear, attributes: {out_features: 10}}
    - {id: act, kind: ReLU}
  parameters:
    - {id: scale, shape: [1], init: {constant: 1}}
  calls:
    - {module: fc, inputs: [input]}
    - {module: act, inputs: [{parameter: scale}]}
    - {id: ratio, kind: div, inputs: [fc, act]}
  outputs: [ratio]
`);
    const { layer, step, message } = await finding(network, { steps: 30 });
    assert.equal(layer, 'ratio');
    assert.ok(step >= 2 && step < 30, `step ${step}`);
    assert.match(message.text, new RegExp(`The output of ratio .* from step ${step} on`));
  });

  it('weights so large that float32 overflows: the layer at which it does, at step 0', async () => {
    const network = networkOf({ input: [64], batch: 16, layers: [repeat(6, weights(64, 1e10), 'ReLU'), head] });
    const { layer, step } = await finding(network, {});
    // Each layer multiplies by some 1e11: the fourth is beyond 3.4e38.
    assert.deepEqual([layer, step], ['6', 0]);
  });

  it('a training that blows up: the step after the last that was finite', async () => {
    const network = networkOf({
      input: [32],
      batch: 16,
      loss: 'MSELoss',
      layers: [repeat(3, { Linear: { out_features: 64 } }, 'ReLU'), { Linear: { out_features: 4 } }],
    });
    const options = { steps: 15, learningRate: 20 };
    const { runs } = await measure(runtime, network, options);
    const { layer, step, message } = await finding(network, options);
    const overflow = runs[0]!.losses.findIndex((loss) => !Number.isFinite(loss));
    assert.ok(overflow > 0);
    assert.ok(step <= overflow && step >= overflow - 1, `step ${step}, the loss from ${overflow}`);
    assert.ok(layer !== null || /^The loss is not/.test(message.text));
    for (const one of runs) {
      for (const { activationMean } of one.series.values()) {
        assert.ok(activationMean?.slice(0, step).every(Number.isFinite) ?? true);
      }
    }
  });

  it('one seed of three is enough, whatever the medians say', async () => {
    const network = networkOf({ input: [16], batch: 16, layers: [{ Linear: { out_features: 8 } }, 'ReLU', head] });
    const { runs, layers } = await measure(runtime, network, { steps: 3, seeds: [0, 1, 2] });
    const spoiled = runs.map((run, i) => {
      if (i !== 1) return run;
      const own = run.series.get('0')!;
      const series = new Map(run.series).set('0', { ...own, outputGradientRms: [1, 1, Number.POSITIVE_INFINITY] });
      return { ...run, series };
    });
    const rule = rules.find(({ id }) => id === 'non-finite')!;
    const [found] = rule.check({ network, batch: 16, layers, runs: spoiled });
    // The ReLU was given a finite gradient and passed this one back.
    assert.deepEqual([found!.layer, found!.evidence[0]!.value], ['1', 2]);
    assert.match(found!.message.text, /^The gradient that 1 passes back is not a finite number from step 2 on\. /);
    assert.deepEqual(rule.check({ network, batch: 16, layers, runs }), []);
  });
});
