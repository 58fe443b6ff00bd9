import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileDocument } from '../../src/engine/network';
import { pytorchReader } from '../../src/engine/readers/pytorch';
import { findInStructure } from '../../src/engine/rules';

const LIST = 'docs/rules/README.md';

interface Model {
  readonly name: string;
  readonly file: string;
  readonly builder: string;
}

/** What was looked at and found right, so that more of it is news: networks by rule. */
const KNOWN: Readonly<Record<string, number>> = {
  // vgg11_bn to vgg19_bn have a bias before every norm: it is so, and is to stay, as weights exist.
  'bias-before-batchnorm': 4,
};

describe('parity: rules on the structure over torchvision’s builders', () => {
  it('find no error, and no warning that nobody has looked at (NORMSCOPE_PYTHON; NORMSCOPE_WRITE_RULES=1 writes the counts)', async function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) return this.skip();
    this.timeout(600_000);
    try {
      execFileSync(python, ['-c', 'import importlib.util as u, sys; sys.exit(u.find_spec("torchvision") is None)']);
    } catch {
      return this.skip();
    }
    const answer = execFileSync(python, ['test/parity/torchvision_reference.py'], { encoding: 'utf8', maxBuffer: 1e9 });
    const { site, models } = JSON.parse(answer) as { site: string; models: Model[] };
    let layers = 0;
    const counts = new Map<string, { severity: string; networks: string[]; text: string }>();
    for (const { name, file, builder } of models) {
      const full = path.join(site, file);
      const [network] = await pytorchReader.read(fileDocument(full, readFileSync(full, 'utf8')), {
        name: builder,
        imports: { workspace: [site], sitePackages: [] },
      });
      assert.ok(network, name);
      layers += network.modules.filter(({ container }) => !container).length;
      for (const { rule, severity, layer, message } of findInStructure(network)) {
        const entry = counts.get(rule) ?? { severity, networks: [], text: `${layer}: ${message.text}` };
        entry.networks.push(name);
        counts.set(rule, entry);
        assert.notEqual(severity, 'error', `${name}: ${message.text}`);
      }
    }
    const rows = [...counts].map(([rule, each]) => ({ rule, ...each }));
    if (process.env.NORMSCOPE_WRITE_RULES) {
      const table = [
        `${models.length} builders, ${layers} layers: ${rows.reduce((sum, { networks }) => sum + networks.length, 0)} findings in all, ${((1000 * rows.reduce((sum, { networks }) => sum + networks.length, 0)) / layers).toFixed(2)} a thousand layers.`,
        '',
        '| rule | severity | builders |',
        '| --- | --- | --- |',
        ...rows.map(
          ({ rule, severity, networks }) => `| ${rule} | ${severity} | ${networks.length}: ${networks.join(', ')} |`,
        ),
      ].join('\n');
      const text = readFileSync(LIST, 'utf8');
      const between = /(<!-- torchvision -->\n)[\s\S]*(<!-- end of torchvision -->)/;
      assert.match(text, between);
      writeFileSync(
        LIST,
        text.replace(between, (_, a, b) => `${a}${table}\n${b}`),
      );
    }
    for (const { rule, networks, text } of rows) {
      assert.ok(networks.length <= (KNOWN[rule] ?? 0), `${rule} in ${networks.join(', ')}: ${text}`);
    }
  });
});
