import { functionForms } from '../../src/engine/layers';
import { askPytorch } from './askPytorch';
import { layerCases } from './cases';
import { writeFixture } from './layerFixtures';
import { FIXTURE_SEED, fingerprint, preparedCases, refusedRequests } from './layerRequests';

/** Writes PyTorch's answers to every fixed and every refused case into `folder`; of the named kinds alone, if any. */
export async function regenerateLayers(
  python: string,
  script: string,
  folder: string,
  kinds: readonly string[],
): Promise<void> {
  const files = Object.keys(layerCases)
    .filter((kind) => kinds.length === 0 || kinds.includes(kind))
    .map((kind) => ({
      kind,
      fixed: preparedCases(kind, FIXTURE_SEED).map(({ request }) => request),
      refused: refusedRequests(kind),
    }));
  const all = files.flatMap(({ fixed, refused }) => [...fixed, ...refused]);
  const { pytorch, answers, missing } = await askPytorch(python, script, all, [...functionForms.keys()]);
  if (missing.length > 0) throw new Error(`PyTorch ${pytorch} has no ${missing.join(', ')}`);

  let next = 0;
  let bytes = 0;
  for (const { kind, fixed, refused } of files) {
    const requests = [...fixed, ...refused];
    const own = answers.slice(next, next + requests.length);
    next += requests.length;
    for (const [i, answer] of own.entries()) {
      const isRefused = 'error' in answer;
      if (isRefused === i >= fixed.length) continue;
      throw new Error(`${kind} ${requests[i]!.name}: ${isRefused ? answer.error : 'PyTorch does not refuse this'}`);
    }
    bytes += writeFixture(folder, kind, {
      pytorch,
      fingerprint: fingerprint(requests),
      answers: own.slice(0, fixed.length),
      refusals: own.slice(fixed.length),
    });
  }
  process.stdout.write(`PyTorch ${pytorch}: ${all.length} answers in ${files.length} files, ${bytes} bytes\n`);
}
