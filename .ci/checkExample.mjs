// The main job on the main example, as a user runs it: the gradient vanishes towards the first layer, the advice adds a
// norm, and at batch 2 it is not BatchNorm.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

function analyze(...flags) {
  const began = Date.now();
  const output = execFileSync(
    process.execPath,
    ['dist/cli.js', 'analyze', 'examples/deep_sigmoid.py', ...flags, '--json'],
    {
      encoding: 'utf8',
      maxBuffer: 1e9,
    },
  );
  process.stdout.write(`analyze ${flags.join(' ')}: ${Date.now() - began} ms from process start to JSON\n`);
  return JSON.parse(output);
}

const report = analyze('--batch', '64');
assert.equal(report.schema, 'normscope/report@1');
assert.equal(report.status, 'complete');
const hidden = report.layers.filter(({ kind, gradientNorm }) => kind === 'Linear' && gradientNorm !== null);
const [first, last] = [hidden.at(0), hidden.at(-1)];
process.stdout.write(`gradient norm of ${first.id} ${first.gradientNorm}, of ${last.id} ${last.gradientNorm}\n`);
assert.ok(last.gradientNorm >= 100 * first.gradientNorm, 'the first gradient is not 100 times below the last');
const vanishing = report.findings.find(({ rule }) => rule === 'vanishing-gradient');
assert.equal(vanishing?.layer, first.id);
assert.deepEqual(vanishing.source, first.source);
assert.equal(report.recommendation.action, 'add');
assert.notEqual(report.recommendation.norm, 'none');

const small = analyze('--batch', '2');
assert.equal(small.recommendation.action, 'add');
assert.notEqual(small.recommendation.norm, 'BatchNorm');

const timeless = ({ timings, ...rest }) => rest;
assert.deepEqual(timeless(analyze('--batch', '2')), timeless(small), 'the same seed gave another report');
