// `NORMSCOPE_PYTHON=python node scripts/compareTimm.mjs [--every N] [--only PATTERN] [--list]`: reads timm's models from the source of
// the package and compares them with what the package itself makes (test/corpus/timm.ts).
import { runBundled } from './bundled.mjs';

process.exitCode = await runBundled('test/corpus/timm.ts', 'timm');
