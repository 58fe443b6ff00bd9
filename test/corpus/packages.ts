import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileDocument, InputError, type Network } from '../../src/engine/network';
import { readerFor } from '../../src/engine/readers/table';
import { difference, type Truth } from './difference';
import { Tally } from './tally';

const USAGE = `usage: NORMSCOPE_PYTHON=python node scripts/comparePackages.mjs PACKAGES PACKAGE… [--list]
Reads every Python file of the packages that lie in the folder PACKAGES, makes each model that is read without fault with the
interpreter's PyTorch too, and compares parameters, module ids and kinds. PACKAGES is read by the interpreter as it is.
same · differs · unmade: the package itself could not be imported, or makes no model so
`;

/** One model to make: of a class or function with these arguments, or a variable of a script. */
interface Request {
  readonly file: string;
  readonly name: string;
  readonly made: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What an assumption says: `64 is assumed`; undefined for a value that cannot be written. */
function assumedValue(why: string): unknown {
  const [, text] = /^nobody says it; (.*?) is assumed/.exec(why) ?? [];
  if (text === undefined) return undefined;
  const json = text
    .replace(/^\((.*?),?\)$/, '[$1]')
    .replaceAll("'", '"')
    .replace(/^(True|False)$/, (word) => word.toLowerCase());
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** How a network that was read is made; undefined where an assumption cannot be said. */
function requestOf(network: Network, file: string, text: string): Request | undefined {
  const own = new RegExp(`^(class|def) ${network.name}\\b`, 'm').test(text);
  const given: Record<string, unknown> = {};
  for (const { what, why } of network.unmodelled) {
    const [, of, name] = /^(\w+)'s argument (\w+)$/.exec(what) ?? [];
    const value = assumedValue(why);
    if (of !== network.name || name === undefined || value === undefined) return undefined;
    given[name] = value;
  }
  return { file, name: network.name, made: !own, arguments: given };
}

const isSound = ({ unmodelled }: Network): boolean => unmodelled.every(({ why }) => why.startsWith('nobody says it; '));

/** Asks the interpreter for one model after the other. */
async function* answers(
  python: string,
  folder: string,
  requests: readonly Request[],
): AsyncGenerator<Partial<Truth> & { error?: string }> {
  const child = spawn(python, ['-W', 'ignore', 'test/corpus/package_modules.py', folder], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.end(requests.map((each) => `${JSON.stringify(each)}\n`).join(''));
  for await (const line of createInterface(child.stdout)) yield JSON.parse(line);
}

/** Compares what is read with what the packages make. Exit code 1 where a model that is read without fault differs. */
export async function main(parameters: readonly string[]): Promise<number> {
  const python = process.env.NORMSCOPE_PYTHON;
  const [folder, ...names] = parameters.filter((each) => !each.startsWith('--'));
  if (python === undefined || folder === undefined || names.length === 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const root = path.resolve(folder);
  const found: { request: Request; network: Network }[] = [];
  for (const name of names)
    for (const entry of readdirSync(path.join(root, name), { recursive: true, encoding: 'utf8' }).sort()) {
      const file = path.join(root, name, entry);
      if (!file.endsWith('.py')) continue;
      const text = readFileSync(file, 'utf8');
      try {
        const networks = await (await readerFor(file)!.load()).read(fileDocument(file, text), {
          imports: { workspace: [root], sitePackages: [] },
          assumeArguments: true,
        });
        for (const network of networks.filter(isSound)) {
          const request = requestOf(network, path.relative(root, file), text);
          if (request) found.push({ request, network });
        }
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
      }
    }
  const tally = new Tally(['same', 'differs', 'unmade'], parameters.includes('--list'));
  let at = 0;
  let differing = 0;
  for await (const answer of answers(
    python,
    root,
    found.map(({ request }) => request),
  )) {
    const { request, network } = found[at++]!;
    const name = `${request.file}::${request.name}`;
    if (answer.total === undefined || !answer.modules) {
      tally.count('unmade', name, answer.error ?? 'no answer');
      continue;
    }
    const different = difference({ total: answer.total, modules: answer.modules }, network);
    if (different) differing++;
    tally.count(different ? 'differs' : 'same', name, different);
  }
  process.stdout.write(tally.summary());
  if (at < found.length) throw new Error(`the interpreter ended after ${at} of ${found.length} models`);
  return differing > 0 ? 1 : 0;
}
