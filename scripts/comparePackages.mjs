// `NORMSCOPE_PYTHON=python node scripts/comparePackages.mjs PACKAGES PACKAGE… [--list]`: reads the models of packages from their
// source and compares them with what PyTorch makes of the same files (test/corpus/packages.ts).
import { runBundled } from './bundled.mjs';

process.exitCode = await runBundled('test/corpus/packages.ts', 'packages');
