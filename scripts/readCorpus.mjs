// `node scripts/readCorpus.mjs FOLDER [--root FOLDER] [--input 1x3x224x224] [--list]`: reads every model file below a folder, without
// running any, and counts how many come out exact, in part, or not, with the commonest reasons (test/corpus/main.ts).
import { runBundled } from './bundled.mjs';

process.exitCode = await runBundled('test/corpus/main.ts', 'corpus');
