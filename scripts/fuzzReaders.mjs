// `node scripts/fuzzReaders.mjs FOLDER [--runs N] [--seed N] [--root FOLDER]`: reads mutated and cut-off copies of the model files below
// a folder, and says which of them were not survived (test/fuzz/main.ts).
import { runBundled } from './bundled.mjs';

process.exitCode = await runBundled('test/fuzz/main.ts', 'fuzz');
