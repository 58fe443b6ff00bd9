import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ENGINE = path.join('src', 'engine');

/** Who may know whom, as docs/ARCHITECTURE.md says it: a folder or file of src/engine, and what it may import there. */
const mayKnow: Readonly<Record<string, readonly string[]>> = {
  network: [],
  onnx: [],
  dataFiles: ['network'],
  'version.ts': [],
  'runtimeChoice.ts': [],
  tensor: ['onnx'],
  layers: ['network', 'tensor'],
  training: ['network', 'tensor', 'layers'],
  readers: ['network', 'layers', 'training', 'onnx'],
  report: ['network'],
  change: ['network', 'layers'],
  edits: ['network', 'layers', 'change', 'readers'],
  runtime: ['onnx', 'tensor', 'runtimeChoice.ts'],
  probe: ['network', 'dataFiles', 'layers', 'tensor', 'training', 'runtime', 'runtimeChoice.ts'],
  rules: ['network', 'layers', 'change', 'probe', 'report'],
  advisor: ['network', 'layers', 'change', 'probe', 'report', 'runtime'],
  suppression: ['network', 'readers', 'report', 'rules'],
  'editableSource.ts': ['network', 'edits'],
  'fixes.ts': ['network', 'change', 'edits', 'report', 'rules'],
  'analyzeOptions.ts': ['network', 'dataFiles', 'edits', 'report'],
  'findingRecord.ts': ['network', 'report', 'rules', 'suppression'],
  'assemble.ts': [
    'network',
    'advisor',
    'probe',
    'report',
    'rules',
    'advisor',
    'training',
    'runtime',
    'suppression',
    'analyzeOptions.ts',
    'findingRecord.ts',
    'version.ts',
  ],
  'analyze.ts': [
    'network',
    'change',
    'probe',
    'report',
    'rules',
    'advisor',
    'runtime',
    'suppression',
    'training',
    'analyzeOptions.ts',
    'assemble.ts',
    'fixes.ts',
    'runtimeChoice.ts',
  ],
  commandLine: [
    'network',
    'dataFiles',
    'readers',
    'report',
    'editableSource.ts',
    'fixes.ts',
    'rules',
    'suppression',
    'findingRecord.ts',
    'analyze.ts',
    'analyzeOptions.ts',
    'runtimeChoice.ts',
    'version.ts',
  ],
  'protocol.ts': ['readers', 'report', 'analyzeOptions.ts'],
  engineHost: [
    'network',
    'readers',
    'report',
    'rules',
    'runtime',
    'suppression',
    'editableSource.ts',
    'findingRecord.ts',
    'analyze.ts',
    'protocol.ts',
    'version.ts',
  ],
  'cli.ts': ['commandLine'],
  'host.ts': ['engineHost', 'runtime', 'runtimeChoice.ts'],
  'probeChild.ts': ['probe', 'runtime'],
};

/** Packages, by the only places that may import them. */
const packages: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['runtime/nativeBuild.ts', 'runtime/build.ts'],
  'onnxruntime-web': ['runtime/wasmBuild.ts'],
  '@bufbuild/protobuf': ['onnx'],
  yaml: ['readers/description', 'readers/pytorch/settings/files.ts'],
  'web-tree-sitter': ['readers/python'],
  fflate: ['readers/keras'],
  'vscode-jsonrpc': ['protocol.ts', 'host.ts', 'engineHost'],
};

const files = readdirSync(ENGINE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.split(path.sep).join('/'));

/** What a file imports or exports from, types and lazy imports included. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(ENGINE, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'|\bimport\('([^']+)'\)|^import '([^']+)'/gm)].map(
    (match) => (match[1] ?? match[2] ?? match[3])!,
  );
}

const room = (file: string): string => file.split('/')[0]!;

describe('the engine’s house', () => {
  it('imports go down only', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .flatMap((target) => {
          const joined = path.posix.join(path.posix.dirname(file), target);
          const to = room(files.includes(`${joined}.ts`) ? `${joined}.ts` : joined);
          // package.json, for the version.
          if (to === '..' || to === room(file)) return [];
          return mayKnow[room(file)]?.includes(to) ? [] : [`${file} imports ${to}`];
        }),
    );
    assert.deepEqual(wrong, []);
  });

  it('every room is in the table', () => {
    assert.deepEqual([...new Set(files.map(room))].sort(), Object.keys(mayKnow).sort());
  });

  it('readers do not know each other', () => {
    for (const [reader, other] of [
      ['description', 'pytorch'],
      ['pytorch', 'description'],
      ['onnx', 'description'],
      ['onnx', 'pytorch'],
      ['onnx', 'python'],
      ['python', 'pytorch'],
      ['python', 'description'],
      ['python', 'keras'],
      ['keras', 'pytorch'],
      ['keras', 'description'],
      ['pytorch', 'keras'],
    ]) {
      const own = files.filter((file) => file.startsWith(`readers/${reader}/`));
      assert.ok(own.length > 0);
      for (const file of own) {
        assert.ok(!importsOf(file).some((target) => target.includes(`/${other}`)), `${file} knows ${other}`);
      }
    }
  });

  it('packages are imported where they belong, and vscode nowhere', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file).flatMap((target) => {
        if (target.startsWith('.') || target.startsWith('node:')) return [];
        const name = Object.keys(packages).find((known) => target === known || target.startsWith(`${known}/`));
        const places = packages[name ?? ''] ?? [];
        return places.some((place) => file === place || file.startsWith(`${place}/`)) ? [] : [`${file}: ${target}`];
      }),
    );
    assert.deepEqual(wrong, []);
  });

  it('each folder says in its index what lives there', () => {
    for (const file of files.filter((name) => /^[^/]+\/index\.ts$/.test(name))) {
      assert.match(readFileSync(path.join(ENGINE, file), 'utf8'), /^\/\/ .{20}/, file);
    }
  });
});
