import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { InputError, sourceDocument } from '../../src/engine/network';
import { pytorchReader } from '../../src/engine/readers/pytorch';
import { difference, type Truth as MadeModel } from './difference';
import { Tally } from './tally';

/** What timm says of a model. */
interface Truth extends MadeModel {
  readonly name: string;
  readonly size: readonly number[] | null;
}

const USAGE = `usage: NORMSCOPE_PYTHON=python node scripts/compareTimm.mjs [--every N] [--first N] [--only PATTERN] [--list]
Makes models of timm with the interpreter's own timm, on the meta device, and reads the same models from the package's source,
without running it; counts how many have the same parameters, module ids and kinds.
exact: and everything modelled, to its output · partial: the same, something unmodelled · wrong: another total, id or kind · failed
`;

async function truths(python: string, every: number, first: number): Promise<{ packages: string; models: Truth[] }> {
  const script = path.join('test', 'corpus', 'timm_modules.py');
  const { stdout } = await promisify(execFile)(python, [script, String(every), String(first)], {
    maxBuffer: 2 ** 31 - 1,
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Partial<Truth> & { packages?: string });
  const packages = lines.at(-1)?.packages;
  if (packages === undefined) throw new Error('timm could not be imported');
  return { packages, models: lines.filter((line): line is Truth => line.total !== undefined) };
}

/** Compares what is read with what the package makes. Exit code 1 where a model has another total, id or kind and nothing says so. */
export async function main(parameters: readonly string[]): Promise<number> {
  const python = process.env.NORMSCOPE_PYTHON;
  if (python === undefined || parameters.includes('--help')) {
    process.stderr.write(USAGE);
    return 2;
  }
  const option = (name: string) => parameters[parameters.indexOf(name) + 1];
  const given = (name: string, otherwise: string) => (parameters.includes(name) ? (option(name) ?? '') : otherwise);
  const { packages, models } = await truths(python, Number(given('--every', '1')), Number(given('--first', '0')));
  const only = new RegExp(given('--only', '.'));
  const tally = new Tally(['exact', 'partial', 'wrong', 'failed'], parameters.includes('--list'));
  let silent = 0;
  for (const model of models.filter(({ name }) => only.test(name))) {
    const began = performance.now();
    try {
      const text = `import timm\nmodel = timm.create_model('${model.name}')\n`;
      const [network] = await pytorchReader.read(sourceDocument('file:///model.py', text), {
        imports: { workspace: [], sitePackages: [packages] },
        ...(model.size && { inputs: [{ shape: [1, ...model.size] }] }),
      });
      const [missing] = network!.unmodelled;
      const why = missing && `${missing.what}: ${missing.why}`;
      const place = missing && `${path.basename(missing.source.uri)}:${missing.source.start.line}`;
      const different = difference(model, network!);
      if (different && !missing) silent++;
      if (different) tally.count('wrong', model.name, why ?? different, place);
      else if (missing || network!.outputs.length === 0) tally.count('partial', model.name, why ?? 'no output', place);
      else tally.count('exact', model.name);
    } catch (error) {
      const source = error instanceof InputError ? error.source : undefined;
      const place = source && `${path.basename(source.uri)}:${source.start.line}`;
      tally.count('failed', model.name, error instanceof Error ? error.message : String(error), place);
    }
    tally.took(model.name, performance.now() - began);
  }
  process.stdout.write(tally.summary());
  process.stdout.write(`${silent} differ without saying so\n`);
  return silent > 0 ? 1 : 0;
}
