import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  commands,
  contextKeys,
  modelDocuments,
  NOTEBOOK,
  SETTINGS,
  settings,
  settingWords,
  views,
} from '../../../extension/identifiers';
import { readerTable } from '../../../src/engine/readers/table';
import { RULE_SEVERITIES } from '../../../src/engine/report';
import { ruleIds, rules } from '../../../src/engine/rules';
import { runtimeChoices } from '../../../src/engine/runtimeChoice';

interface Manifest {
  readonly main: string;
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly activationEvents: readonly string[];
  readonly enabledApiProposals?: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: {
      readonly supported: unknown;
      readonly description: string;
      readonly restrictedConfigurations: readonly string[];
    };
  };
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly category: string; readonly enablement?: string }[];
    readonly viewsContainers: Readonly<Record<string, readonly { readonly id: string; readonly icon: string }[]>>;
    readonly views: Readonly<
      Record<string, readonly { readonly id: string; readonly type: string; readonly icon: string }[]>
    >;
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
    readonly configuration: {
      readonly properties: Readonly<
        Record<
          string,
          {
            readonly default: unknown;
            readonly type: string;
            readonly enum?: readonly string[];
            readonly enumDescriptions?: readonly string[];
            readonly propertyNames?: { readonly enum: readonly string[] };
            readonly additionalProperties?: { readonly enum: readonly string[] };
            readonly markdownDescription: string;
          }
        >
      >;
    };
    readonly walkthroughs: readonly {
      readonly steps: readonly {
        readonly description: string;
        readonly media: { readonly markdown: string };
        readonly completionEvents: readonly string[];
      }[];
    }[];
    readonly jsonValidation: readonly { readonly url: string }[];
    readonly yamlValidation: readonly { readonly url: string }[];
  };
}

/** A document selector's glob, as far as ours go. */
const globOf = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replaceAll('.', '\\.')
      .replace('**/', '(?:.*/)?')
      .replace(/(?<![.)])\*/, '[^/]*')
      .replace(/\{(.*?)\}/, (_, names: string) => `(?:${names.replaceAll(',', '|')})`)}$`,
  );

describe('extension: manifest', () => {
  let manifest: Manifest;
  before(async () => {
    const words = JSON.parse(await readFile('package.nls.json', 'utf8')) as Record<string, string>;
    // As VS Code reads it: `%key%` is the sentence of that key.
    manifest = JSON.parse(await readFile('package.json', 'utf8'), (_, value: unknown) =>
      typeof value === 'string' ? value.replace(/^%(.+)%$/, (whole, key: string) => words[key] ?? whole) : value,
    ) as Manifest;
  });

  it('declares the commands of the table, and menus name no other', () => {
    const declared = manifest.contributes.commands.map(({ command }) => command).sort();
    assert.deepEqual(declared, Object.values<string>(commands).sort());
    assert.ok(manifest.contributes.commands.every(({ category }) => category === 'NormScope'));
    for (const { command } of Object.values(manifest.contributes.menus).flat()) {
      assert.ok(declared.includes(command), command);
    }
  });

  it('declares the settings of the table with their defaults, and docs/settings.md lists each', async () => {
    const { properties } = manifest.contributes.configuration;
    const expected = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${SETTINGS}.${key}`, value]));
    const declared = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, value.default]));
    assert.deepEqual(declared, expected);
    assert.deepEqual(
      Object.fromEntries(Object.entries(properties).flatMap(([key, { enum: words }]) => (words ? [[key, words]] : []))),
      Object.fromEntries(Object.entries(settingWords).map(([key, words]) => [`${SETTINGS}.${key}`, words])),
    );
    assert.deepEqual(settingWords.runtime, runtimeChoices);
    const documented = await readFile('docs/settings.md', 'utf8');
    for (const [key, { default: value }] of Object.entries(properties)) {
      const shown = typeof value === 'object' ? JSON.stringify(value) : value;
      assert.ok(documented.includes(`| \`${key}\` | \`${shown}\` |`), `${key} is not in docs/settings.md`);
    }
  });

  it('knows every rule by its id in the setting of severities (NORMSCOPE_WRITE_RULES=1 writes them)', async () => {
    const setting = manifest.contributes.configuration.properties['normscope.rules']!;
    assert.deepEqual(setting.additionalProperties?.enum, RULE_SEVERITIES);
    const ids = [...ruleIds()].sort();
    if (process.env.NORMSCOPE_WRITE_RULES) {
      const text = await readFile('package.json', 'utf8');
      const listed = JSON.stringify(ids, null, 2).replace(/\n/g, `\n${' '.repeat(12)}`);
      const written = text.replace(
        /("propertyNames": \{\s*"enum": )\[[^\]]*\]/,
        (_, before: string) => before + listed,
      );
      await writeFile('package.json', written);
      manifest = JSON.parse(written) as Manifest;
    }
    const { propertyNames } = manifest.contributes.configuration.properties['normscope.rules']!;
    assert.deepEqual(propertyNames?.enum, ids);
  });

  it('declares the views of the table, as webviews, with icons that there are', () => {
    const { views: declared, viewsContainers } = manifest.contributes;
    const all = Object.values(declared).flat();
    assert.deepEqual(all.map(({ id }) => id).sort(), Object.values<string>(views).sort());
    assert.ok(all.every(({ type }) => type === 'webview'));
    const containers = Object.values(viewsContainers).flat();
    assert.deepEqual(
      Object.keys(declared),
      containers.map(({ id }) => id),
    );
    for (const { icon } of [...all, ...containers]) assert.ok(existsSync(icon), icon);
  });

  it('asks in `when` clauses only for context keys and settings that there are', () => {
    const { commands: declared, menus } = manifest.contributes;
    const clauses = [
      ...Object.values(menus)
        .flat()
        .map(({ when }) => when ?? ''),
      ...declared.map(({ enablement }) => enablement ?? ''),
    ];
    const named = clauses.flatMap((clause) => clause.match(/(?:config\.)?normscope\.[\w.]+\w/g) ?? []);
    const known = [
      ...Object.values(contextKeys),
      ...Object.values(views),
      ...Object.keys(settings).map((key) => `config.${SETTINGS}.${key}`),
    ] as string[];
    assert.ok(named.length > 0);
    for (const key of named) assert.ok(known.includes(key), `${key} is not known`);
  });

  it('offers its command for the files that are models by their name, which a reader reads, and no other', () => {
    const offered = (menu: string, name: string): boolean => {
      const [item] = manifest.contributes.menus[menu]!.filter(({ command }) => command === commands.analyzeNetwork);
      const clauses = [...(item?.when ?? '').matchAll(/resourceFilename =~ \/(.*?)\/(?: |$)/g)];
      assert.ok(clauses.length > 0, menu);
      return clauses.every(([, clause]) => new RegExp(clause!).test(name));
    };
    const withLines = ['net.py', 'a.normscope.yaml', 'a.normscope.yml', 'a.normscope.json'];
    // A saved Keras model may be in any JSON file: most are something else, and have no use for a button in their title.
    const files = ['net.ipynb', 'model.json', 'architecture.json', 'a.keras', 'a.onnx'];
    for (const name of [
      ...withLines,
      ...files,
      'package.json',
      'tsconfig.base.json',
      'package-lock.json',
      'py',
      'b.pyc',
    ]) {
      const lines = withLines.includes(name);
      const read = lines || files.includes(name);
      if (read) assert.ok(readerTable.some(({ pattern }) => pattern.test(name)));
      assert.equal(offered('editor/title', name), lines, name);
      assert.equal(offered('explorer/context', name), read, name);
      const globbed = modelDocuments.some((each) => 'pattern' in each && globOf(each.pattern).test(`folder/${name}`));
      assert.equal(globbed, lines, name);
    }
    for (const row of readerTable)
      assert.ok(
        [...withLines, ...files].some((name) => row.pattern.test(name)),
        `no menu offers ${row.files}`,
      );
  });

  it('offers its command in notebooks, at the toolbar and at cells of code, by the same setting as in titles', () => {
    for (const menu of ['notebook/toolbar', 'notebook/cell/title']) {
      const [item] = manifest.contributes.menus[menu] ?? [];
      assert.equal(item?.command, commands.analyzeNetwork, menu);
      assert.match(
        item?.when ?? '',
        new RegExp(`^notebookType == '${NOTEBOOK}' && .*config\\.normscope\\.editorTitle`),
      );
    }
    assert.ok(modelDocuments.some((each) => 'notebookType' in each && each.notebookType === NOTEBOOK));
  });

  it('needs no API newer than the oldest VS Code that it names, and none that is proposed', () => {
    const [, minor] = /^\^1\.(\d+)\.0$/.exec(manifest.engines.vscode) ?? [];
    const [, types] = /^1\.(\d+)\./.exec(manifest.devDependencies['@types/vscode'] ?? '') ?? [];
    assert.equal(minor, '99');
    assert.equal(types, minor);
    assert.equal(manifest.enabledApiProposals, undefined);
  });

  it('wakes for its commands, its panel of before, and Python, for which surfaces may be turned on; in Restricted Mode too', () => {
    assert.deepEqual(manifest.activationEvents, ['onLanguage:python', 'onWebviewPanel:normscope.panel']);
    const { supported, description, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    // With `true` the editor would leave out what is restricted in no workspace.
    assert.equal(supported, 'limited');
    assert.ok(description.length > 0);
    assert.deepEqual(restrictedConfigurations, [`${SETTINGS}.python.sitePackages`]);
  });

  it('walks through with its own commands and pages, and fetches nothing', async () => {
    const steps = manifest.contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    assert.ok(steps.length >= 3);
    const declared = manifest.contributes.commands.map(({ command }) => command);
    for (const { description, media, completionEvents } of steps) {
      const page = await readFile(media.markdown, 'utf8');
      assert.ok(!/https?:|<img|!\[/.test(page), `${media.markdown} fetches something`);
      const named = [description, page, ...completionEvents]
        .join('\n')
        .matchAll(/(?:command:|onCommand:)(normscope\.\w+)/g);
      for (const [, command] of named) assert.ok(declared.includes(command!), command);
      const settingsNamed = page.match(/normscope\.[a-z]\w*\.\w+/g) ?? [];
      for (const key of settingsNamed) assert.ok(key in manifest.contributes.configuration.properties, key);
    }
  });

  it('brings the files that it names: the schema, and a page for each rule', () => {
    const { jsonValidation, yamlValidation } = manifest.contributes;
    for (const { url } of [...jsonValidation, ...yamlValidation]) assert.ok(existsSync(url), url);
    for (const { id } of rules) assert.ok(existsSync(path.join('docs', 'rules', `${id}.md`)), id);
    assert.ok(existsSync(manifest.main), manifest.main);
  });
});
