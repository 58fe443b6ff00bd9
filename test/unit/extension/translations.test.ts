import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { figureWords, say, speak, titleWords } from '../../../webview/page/l10n';

/** Where sentences for a person are written. */
const ROOTS = ['webview', 'extension', path.join('src', 'engine', 'report')];

/** A string of TypeScript's source, without a place for values. */
const STRING = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/;

const sources = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(root, file));

const unescaped = (text: string): string => text.replace(/\\(.)/g, '$1');

/** Every sentence that is given to `t`, and whether a call of it holds none that could be collected. */
function collected(): { readonly sentences: ReadonlySet<string>; readonly computed: readonly string[] } {
  const sentences = new Set<string>();
  const computed: string[] = [];
  for (const file of ROOTS.flatMap(sources)) {
    const text = readFileSync(file, 'utf8');
    for (const call of text.matchAll(/(?<![\w$])t\(\s*/g)) {
      const after = text.slice(call.index + call[0].length);
      const literal = new RegExp(`^(?:${STRING.source})`).exec(after);
      if (literal) sentences.add(unescaped(literal[1] ?? literal[2] ?? ''));
      else if (/^[`\w]/.test(after)) computed.push(`${file}: t(${after.slice(0, 40)}`);
    }
  }
  return { sentences, computed };
}

const placesOf = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();

describe('extension: Simplified Chinese', () => {
  const bundle = JSON.parse(readFileSync(path.join('l10n', 'bundle.l10n.zh-cn.json'), 'utf8')) as Record<
    string,
    string
  >;
  const own = Object.keys(bundle).filter((key) => !/^(?:engine|figure|word)\//.test(key));

  it('has every sentence of the extension and its pages, and none that nobody says', () => {
    const { sentences, computed } = collected();
    assert.deepEqual(computed, [], 'a sentence must be written out in the call of t');
    assert.deepEqual(
      [...sentences].filter((sentence) => !(sentence in bundle)).sort(),
      [],
      'add the translation to l10n/bundle.l10n.zh-cn.json',
    );
    assert.deepEqual(
      own.filter((sentence) => !sentences.has(sentence)),
      [],
    );
    assert.ok(sentences.size > 300);
  });

  it('keeps every place for a value', () => {
    for (const sentence of own) assert.deepEqual(placesOf(bundle[sentence]!), placesOf(sentence), sentence);
  });

  it('says the engine’s sentences with their values, and most of them as they are written now', () => {
    const keys = Object.keys(bundle).filter((key) => key.startsWith('engine/'));
    const written = sources(path.join('src', 'engine'))
      .map((file) => unescaped(readFileSync(file, 'utf8')))
      .join('\n');
    const english = keys.map((key) => key.slice(key.indexOf('#') + 1));
    for (const [index, key] of keys.entries()) assert.deepEqual(placesOf(bundle[key]!), placesOf(english[index]!), key);
    for (const key of Object.keys(bundle).filter((each) => /^(?:figure|word)\//.test(each)))
      assert.deepEqual(placesOf(bundle[key]!), placesOf(key), key);
    assert.ok(english.filter((sentence) => written.includes(sentence)).length > 285);
  });

  it('has every sentence of the manifest, and a page of each step of the walkthrough', () => {
    const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    const [english, chinese] = [read('package.nls.json'), read('package.nls.zh-cn.json')];
    const named = new Set<string>();
    const written: string[] = [];
    JSON.parse(readFileSync('package.json', 'utf8'), function (this: unknown, field, value: unknown) {
      if (typeof value !== 'string') return value;
      const [, key] = /^%(.+)%$/.exec(value) ?? [];
      if (key !== undefined) named.add(key);
      else if (/^(title|markdownDescription|contextualTitle)$/.test(field) && value !== 'NormScope')
        written.push(value);
      if (field === 'markdown') assert.ok(existsSync(value.replace(/\.md$/, '.nls.zh-cn.md')), value);
      return value;
    });
    assert.deepEqual(written, [], 'write it into package.nls.json and package.nls.zh-cn.json');
    assert.deepEqual(Object.keys(english).sort(), [...named].sort());
    assert.deepEqual(Object.keys(chinese).sort(), [...named].sort());
    const commandsIn = (text: string) => text.match(/\(command:[\w.]+\)|`[^`]+`/g) ?? [];
    for (const key of named) assert.deepEqual(commandsIn(chinese[key]!), commandsIn(english[key]!), key);
  });

  it('says every published practice, and the name of every figure that a rule or a reason gives', () => {
    const said = (kind: string, id: string) => Object.keys(bundle).some((key) => key.startsWith(`${kind}/${id}`));
    const published = sources(path.join('src', 'engine', 'advisor', 'published')).flatMap((file) => [
      ...readFileSync(file, 'utf8').matchAll(/^ {4}id: '([^']+)'/gm),
    ]);
    assert.ok(published.length > 60);
    assert.deepEqual(
      published.flatMap(([, id]) => (said('engine', `known-${id}#`) ? [] : [id])),
      [],
    );
    const names = ['rules', 'advisor'].flatMap((folder) =>
      sources(path.join('src', 'engine', folder)).flatMap((file) => [
        ...readFileSync(file, 'utf8').matchAll(/\b(?:quantity|unit): (?:'([^'%]+)'|`([^`]+)`)/g),
      ]),
    );
    assert.ok(names.length > 100);
    assert.deepEqual(
      names
        .map(([, plain, computed]) => plain ?? computed!.replace(/\$\{[^}]*\}/g, '{0}'))
        .filter((name) => name !== 'eps' && !(`figure/${name}` in bundle)),
      [],
    );
  });

  it('is said where the page says a message: by its sentence, with its words', () => {
    speak({
      'engine/a#A {where}': '甲 {where}',
      'engine/b#{x} is less.': '{x} 较小。',
      'word/at the input': '在输入处',
      'word/{0} seeds': '{0} 个种子',
      'word/Put {0} for {1} ({2})': '以 {0} 换 {1}（{2}）',
      'word/{0} for {1}': '{1} 的 {0}',
      'engine/set-c#Set it to {rate} ({n})': '设为 {rate}（{n} 处）',
      'figure/loss, {0}': '损失，{0}',
      'figure/layers': '层',
    });
    try {
      const message = (id: string, args: Record<string, string | number>, text: string) => say({ id, args, text });
      assert.equal(message('a', { where: 'at the input' }, 'A at the input'), '甲 在输入处');
      assert.equal(message('a', { where: 'conv1' }, 'A conv1'), '甲 conv1');
      assert.equal(message('a', { where: '3 seeds' }, 'A 3 seeds'), '甲 3 个种子');
      assert.equal(message('a', { where: 'layers' }, 'A layers'), '甲 layers');
      assert.equal(
        message('a', { where: 'Put A.b for C (3 seeds)' }, 'A Put A.b for C (3 seeds)'),
        '甲 以 A.b 换 C（3 个种子）',
      );
      assert.equal(titleWords('Set it to 0.1 (3)'), '设为 0.1（3 处）');
      assert.equal(titleWords('Put A for C (1)'), '以 A 换 C（1）');
      assert.equal(titleWords('A for C'), 'C 的 A');
      assert.equal(titleWords('Set it to'), 'Set it to');
      assert.equal(figureWords('layers'), '层');
      assert.equal(figureWords('loss, 3 seeds'), '损失，3 个种子');
      assert.equal(figureWords('loss, '), 'loss, ');
      assert.equal(message('b', { x: 3 }, '3 is less.'), '3 较小。');
      assert.equal(message('b', { x: 3 }, '3 is more.'), '3 is more.');
      assert.equal(message('c', {}, 'Unknown.'), 'Unknown.');
    } finally {
      speak({});
    }
  });
});
