// `node scripts/adviceTable.mjs [--site FOLDER] [--write docs/advisor.md]`: what the advisor says of published networks whose norms
// were taken out, beside the norms that they have (test/corpus/advice).
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBundled } from './bundled.mjs';

process.chdir(path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..'));
process.exitCode = await runBundled('test/corpus/advice/main.ts', 'advice', { probeChild: 'src/engine/probeChild.ts' });
