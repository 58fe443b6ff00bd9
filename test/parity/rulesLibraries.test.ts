import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileDocument, type Network } from '../../src/engine/network';
import { pytorchReader } from '../../src/engine/readers/pytorch';
import { findInStructure } from '../../src/engine/rules';

const LIST = 'docs/rules/README.md';

/** A builder of a library, and the file that it stands in. */
interface Builder {
  readonly name: string;
  readonly file: string;
}

/** What was looked at and found right, so that more of it is news: networks by rule. */
type Known = Readonly<Record<string, number>>;

async function readBuilder(site: string, { name, file }: Builder): Promise<Network | undefined> {
  const full = path.join(site, file);
  const [network] = await pytorchReader.read(fileDocument(full, readFileSync(full, 'utf8')), {
    name,
    imports: { workspace: [site], sitePackages: [] },
  });
  return network;
}

/** Looks for faults in every builder that can be read, writes down the counts where asked, and holds them to what is known. */
async function look(library: string, site: string, builders: readonly Builder[], known: Known): Promise<void> {
  let layers = 0;
  let networks = 0;
  const counts = new Map<string, { severity: string; builders: string[]; text: string }>();
  const errors: string[] = [];
  for (const builder of builders) {
    // What cannot be read is the reader's matter, which has tests of its own.
    const network = await readBuilder(site, builder).catch(() => undefined);
    if (!network) continue;
    networks++;
    layers += network.modules.filter(({ container }) => !container).length;
    for (const { rule, severity, layer, message } of findInStructure(network)) {
      const entry = counts.get(rule) ?? { severity, builders: [], text: `${layer}: ${message.text}` };
      entry.builders.push(builder.name);
      counts.set(rule, entry);
      if (severity === 'error') errors.push(`${builder.name}: ${message.text}`);
    }
  }
  const rows = [...counts].map(([rule, each]) => ({ rule, ...each }));
  if (process.env.NORMSCOPE_WRITE_RULES) {
    const all = rows.reduce((sum, each) => sum + each.builders.length, 0);
    const lines = [
      `${library}: ${networks} builders, ${layers} layers, ${all} findings in all: ${((1000 * all) / layers).toFixed(2)} a thousand layers.`,
      '',
      '| rule | severity | builders |',
      '| --- | --- | --- |',
      ...rows.map(
        ({ rule, severity, builders: names }) => `| ${rule} | ${severity} | ${names.length}: ${names.join(', ')} |`,
      ),
    ];
    const text = readFileSync(LIST, 'utf8');
    const between = new RegExp(`(<!-- ${library} -->\\n)[\\s\\S]*(<!-- end of ${library} -->)`);
    assert.match(text, between);
    writeFileSync(
      LIST,
      text.replace(between, (_, a, b) => `${a}${lines.join('\n')}\n${b}`),
    );
  }
  assert.deepEqual(errors, []);
  for (const { rule, builders: names, text } of rows) {
    assert.ok(names.length <= (known[rule] ?? 0), `${rule} in ${names.join(', ')}: ${text}`);
  }
}

/** Where Python has a package; undefined where it has none, or nobody names a Python. */
function packageFolder(name: string): string | undefined {
  const python = process.env.NORMSCOPE_PYTHON;
  if (!python) return undefined;
  const code = `import importlib.util as u; s = u.find_spec(${JSON.stringify(name)}); print(s.submodule_search_locations[0] if s else '')`;
  return execFileSync(python, ['-c', code], { encoding: 'utf8' }).trim() || undefined;
}

describe('parity: rules on the structure over libraries whose networks train', function () {
  this.timeout(1_200_000);

  it('find no error in torchvision, and nothing that nobody has looked at (NORMSCOPE_PYTHON; NORMSCOPE_WRITE_RULES=1 writes the counts)', async function () {
    if (!packageFolder('torchvision')) return this.skip();
    const answer = execFileSync(process.env.NORMSCOPE_PYTHON!, ['test/parity/torchvision_reference.py'], {
      encoding: 'utf8',
      maxBuffer: 1e9,
    });
    const { site, models } = JSON.parse(answer) as { site: string; models: { file: string; builder: string }[] };
    const builders = models.map(({ file, builder }) => ({ file, name: builder }));
    // vgg11_bn to vgg19_bn: a bias before every norm. It is so, and stays, as weights exist.
    await look('torchvision', site, builders, { 'bias-before-batchnorm': 4 });
  });

  it('find no error in timm, two builders of each of its files', async function () {
    const folder = packageFolder('timm');
    if (!folder) return this.skip();
    const site = path.dirname(folder);
    const files = readdirSync(path.join(folder, 'models')).filter((file) => /^[a-z].*\.py$/.test(file));
    const builders = files.flatMap((name) => {
      const file = `timm/models/${name}`;
      const all = [...readFileSync(path.join(site, file), 'utf8').matchAll(/@register_model\s*\ndef (\w+)\(/g)];
      const names = all.map((match) => match[1]!);
      return [...new Set([names[0], names[names.length >> 1]])].flatMap((each) => (each ? [{ name: each, file }] : []));
    });
    // A convolution before BatchNorm keeps its bias, as published weights have it.
    await look('timm', site, builders, { 'bias-before-batchnorm': 21 });
  });
});
