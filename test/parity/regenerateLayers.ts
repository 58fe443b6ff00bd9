import { functionForms } from '../../src/engine/layers';
import { askPytorch } from './askPytorch';
import { layerCases } from './layerCases';
import { REFUSALS, writeFixture } from './layerFixtures';
import { FIXTURE_SEED, fingerprint, type LayerRequest, preparedCases, refusedRequests } from './layerRequests';

/** Writes PyTorch's answers to every case into `folder`. */
export async function regenerateLayers(python: string, script: string, folder: string): Promise<void> {
  const files: [string, LayerRequest[]][] = Object.keys(layerCases).map((kind) => [
    kind,
    preparedCases(kind, FIXTURE_SEED).map(({ request }) => request),
  ]);
  files.push([REFUSALS, refusedRequests()]);
  const all = files.flatMap(([, requests]) => requests);
  const { pytorch, answers, missing } = await askPytorch(python, script, all, [...functionForms.keys()]);
  if (missing.length > 0) throw new Error(`PyTorch ${pytorch} has no ${missing.join(', ')}`);

  let next = 0;
  let bytes = 0;
  for (const [name, requests] of files) {
    const own = answers.slice(next, next + requests.length);
    next += requests.length;
    for (const [i, answer] of own.entries()) {
      const refused = 'error' in answer;
      if (refused === (name === REFUSALS)) continue;
      throw new Error(`${name} ${requests[i]!.name}: ${refused ? answer.error : 'PyTorch does not refuse this'}`);
    }
    bytes += writeFixture(folder, name, { pytorch, fingerprint: fingerprint(requests), answers: own });
  }
  process.stdout.write(`PyTorch ${pytorch}: ${all.length} answers in ${files.length} files, ${bytes} bytes\n`);
}
