import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import Mocha from 'mocha';

/** One test as the runner outside reads it. */
interface Result {
  readonly title: string;
  readonly error: string | null;
}

/** Runs the suite in the extension host; every runner of VS Code calls it. Rejects where a test fails. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, color: false });
  const restricted = process.env.NORMSCOPE_TEST_MODE === 'restricted';
  mocha.grep('Restricted Mode');
  if (!restricted) mocha.invert();
  mocha.addFile(path.join(__dirname, 'suite.js'));

  const results: Result[] = [];
  const failures = await new Promise<number>((resolve) => {
    mocha
      .run(resolve)
      .on('pass', (test) => results.push({ title: test.fullTitle(), error: null }))
      .on('fail', (test, error: Error) => {
        results.push({ title: test.fullTitle(), error: error.stack ?? error.message });
      });
  });
  // Whoever started this reads the file: what is printed here drowns in the workbench's own lines.
  if (process.env.NORMSCOPE_TEST_RESULTS) await writeFile(process.env.NORMSCOPE_TEST_RESULTS, JSON.stringify(results));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
