import assert from 'node:assert/strict';
import { applyChanges } from '../../../src/engine/change';
import { formatShape, type Network } from '../../../src/engine/network';
import { parsePython } from '../../../src/engine/readers/python/syntax';
import { applyEdits, undoOf } from './applyEdits';
import { edit, modelFile, modelFiles, readText, wishesFor } from './models';

/** A network by the places of its calls alone: no name of a module, call or parameter in it. */
function bones(network: Network): unknown {
  const place = new Map<string, string>(network.inputs.map(({ name }) => [name, name]));
  const passing = network.calls.filter(({ kind }) => kind !== 'Identity');
  for (const call of network.calls) {
    const [first] = call.inputs;
    if (call.kind === 'Identity' && first && 'value' in first) place.set(call.id, place.get(first.value)!);
    else place.set(call.id, String(passing.indexOf(call)));
  }
  const modules = [...new Set(passing.map(({ module }) => module))];
  const tensors = new Map([...network.parameters, ...network.buffers].map((each) => [each.id, each]));
  return passing.map((call) => {
    const module = network.modules.find(({ id }) => id === call.module);
    const own = [...Object.entries(module?.parameters ?? {}), ...Object.entries(module?.buffers ?? {})];
    return {
      kind: call.kind,
      attributes: Object.fromEntries(Object.entries(call.attributes).sort(([a], [b]) => (a < b ? -1 : 1))),
      module: modules.indexOf(call.module),
      holds: own.map(([name, id]) => `${name} ${tensors.get(id)!.shape.join('x')}`).sort(),
      inputs: call.inputs.map((operand) => ('value' in operand ? place.get(operand.value) : 'a parameter')),
      shapes: call.outputShapes.map(formatShape),
    };
  });
}

describe('edits of PyTorch source', function () {
  this.timeout(60_000);
  const refused: string[] = [];
  let made = 0;

  for (const file of modelFiles) {
    it(`${file}: what is edited reads as the change makes it, and undo gives the file back`, async () => {
      const model = await modelFile(file);
      for (const asked of wishesFor(model.network)) {
        const result = await edit(model, asked);
        if ('refused' in result) {
          assert.match(result.refused.text, /^[A-Z].*\.$/);
          refused.push(`${file}: ${asked.what}`);
          continue;
        }
        made++;
        const edited = applyEdits(model.text, result.edits);
        const label = `${file}: ${asked.what}\n${edited}`;
        assert.notEqual(edited, model.text, label);
        assert.equal((await parsePython({ ...model.source.document, text: edited })).problems.length, 0, label);
        const read = await readText(file, edited, model.network.name);
        assert.deepEqual(bones(read), bones(applyChanges(model.network, result.changes)), label);
        const sites = new Set(result.changes.map(({ site }) => site));
        // A module that is called several times is replaced once.
        assert.ok(
          asked.changes.every(({ site }) => sites.has(site) || sites.has(site.replace(/@\d+$/, ''))),
          label,
        );
        assert.equal(read.unmodelled.length, model.network.unmodelled.length, label);
        assert.equal(applyEdits(edited, undoOf(model.text, result.edits)), model.text, label);
        assert.ok(!/(?<!\r)\n/.test(edited) === !/(?<!\r)\n/.test(model.text), `line ends are mixed: ${label}`);
        const comments = (text: string) => text.match(/#.*/g) ?? [];
        assert.deepEqual(comments(edited), comments(model.text), label);
      }
    });
  }

  it('refuses only what it is known to refuse', () => {
    assert.deepEqual(refused, [
      // Their constructor takes **kwargs, which may hold a bias.
      'block_class.py: no bias of stem.conv',
      'block_class.py: no bias of body.0.conv',
      'block_class.py: no bias of body.1.conv',
      'block_class.py: no bias anywhere',
      // One line makes every activation, the last one too, which is none.
      'function.py: GroupNorm behind every activation',
      // A function behind a layer that no line of its own makes.
      'method_softmax.py: BatchNorm behind relu',
      'method_softmax.py: GroupNorm behind every activation',
      'module_dict.py: BatchNorm behind gelu',
      'module_dict.py: GroupNorm behind every activation',
      'module_list.py: BatchNorm behind tanh',
      'module_list.py: BatchNorm behind tanh_1',
      'module_list.py: BatchNorm behind tanh_2',
      'module_list.py: GroupNorm behind every activation',
    ]);
    assert.ok(made > 450, `only ${made} edits were made`);
  });
});
