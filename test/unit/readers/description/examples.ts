import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The description files that the repository shows. */
export const examples: readonly { file: string; text: string }[] = readdirSync('examples')
  .filter((name) => /\.normscope\.(yaml|yml|json)$/.test(name))
  .map((name) => ({ file: `examples/${name}`, text: readFileSync(path.join('examples', name), 'utf8') }));
