import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileDocument, InputError } from '../../src/engine/network';
import { createEvaluation, PythonError } from '../../src/engine/readers/python/evaluator';
import { loadPythonParser } from '../../src/engine/readers/python/syntax';
import { positional, type Value } from '../../src/engine/readers/python/values';
import { pytorch } from '../../src/engine/readers/pytorch/builtins';

const FOLDER = 'test/parity/language';
const answers: Record<string, string> = JSON.parse(readFileSync('test/fixtures/language.json', 'utf8'));

const shown = (value: Value) => (value.type === 'string' ? value.value : `a ${value.type}`);

/** What the reader gives for every case of a file. */
async function readCases(name: string): Promise<Map<string, string>> {
  const file = path.join(FOLDER, `${name}.py`);
  const document = fileDocument(file, readFileSync(file, 'utf8'));
  const parser = await loadPythonParser();
  const run = createEvaluation(document, pytorch);
  for (const statement of parser.parse(document).statements) run.execute(statement, run.globals);
  // As in a model's code: an error is one, and costs more than its line.
  run.tryDepth = 1;
  const found = new Map<string, string>();
  for (const [name, value] of run.globals.names) {
    if (value.type !== 'function') continue;
    run.budget.operations = 600_000;
    try {
      const result = run.call(value, positional(), value.source);
      found.set(
        name,
        result.type === 'unknown'
          ? `unknown: ${result.why}`
          : shown(run.call(run.pythonName('repr')!, positional(result), value.source)),
      );
    } catch (error) {
      if (!(error instanceof PythonError || error instanceof InputError)) throw error;
      found.set(name, `${error.message}, line ${error.source?.start.line}`);
    }
  }
  return found;
}

describe('parity: the language', () => {
  const files = readdirSync(FOLDER).filter((each) => each.endsWith('.py') && each !== 'answers.py');
  for (const file of files) {
    const name = path.basename(file, '.py');
    describe(name, () => {
      let read: Map<string, string>;
      before(async () => {
        read = await readCases(name);
      });
      const cases = Object.entries(answers).filter(([id]) => id.startsWith(`${name}.`));
      for (const [id, answer] of cases) it(id, () => assert.equal(read.get(id.slice(name.length + 1)), answer));
    });
  }

  it('agrees with the Python at hand (NORMSCOPE_PYTHON)', function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) this.skip();
    const printed = execFileSync(python, ['-B', path.join(FOLDER, 'answers.py')], { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(printed), answers);
  });
});
