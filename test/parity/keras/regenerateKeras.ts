import path from 'node:path';
import { writeFixture } from '../layerFixtures';
import { FIXTURE_SEED, fingerprint, prepare } from '../layerRequests';
import { askKeras } from './ask';
import { kerasCases } from './cases';

/** Writes Keras's answers to every case into `folder`, a file a kind. */
export function regenerateKeras(python: string, here: string, folder: string): void {
  const files = Object.entries(kerasCases).map(([kind, cases]) => ({
    kind,
    requests: cases.map((one) => prepare(kind, one, FIXTURE_SEED).request),
  }));
  const { keras, answers } = askKeras(
    python,
    here,
    files.flatMap(({ requests }) => requests),
  );
  let next = 0;
  let bytes = 0;
  const errors: string[] = [];
  for (const { kind, requests } of files) {
    const own = answers.slice(next, next + requests.length);
    next += requests.length;
    own.forEach((answer, i) => {
      if ('error' in answer) errors.push(`${kind} ${requests[i]!.name}: ${answer.error}`);
    });
    bytes += writeFixture(folder, kind, {
      pytorch: `Keras ${keras}`,
      fingerprint: fingerprint(requests),
      answers: own,
      refusals: [],
    });
  }
  if (errors.length > 0) throw new Error(errors.join('\n'));
  process.stdout.write(
    `Keras ${keras}: ${next} answers in ${files.length} files, ${bytes} bytes in ${path.basename(folder)}\n`,
  );
}
