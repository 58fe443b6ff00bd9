import type { Reader } from './reader';

/** A format of model files: which files it reads, and its reader, loaded when the first such file comes. */
export interface ReaderRow {
  readonly format: string;
  /** For an error: what files it reads. */
  readonly files: string;
  readonly pattern: RegExp;
  /** The file is no text, and may hold so many bytes. */
  readonly binary?: { readonly mostBytes: number };
  /** A text may hold so many bytes, where that is more than model files usually do. */
  readonly mostBytes?: number;
  /** It may hold the values of its parameters. */
  readonly weights?: true;
  load(): Promise<Reader>;
}

/** One row a format; the patterns exclude one another. */
export const readerTable: readonly ReaderRow[] = [
  {
    format: 'description',
    files: '*.normscope.yaml, .yml and .json',
    pattern: /\.normscope\.(yaml|yml|json)$/i,
    load: async () => (await import('./description')).descriptionReader,
  },
  {
    format: 'pytorch',
    files: '*.py',
    pattern: /\.py$/i,
    load: async () => (await import('./pythonFiles')).pythonReader,
  },
  {
    format: 'keras',
    files: '*.json of model.to_json()',
    pattern: /(?<!\.normscope)\.json$/i,
    mostBytes: 50_000_000,
    load: async () => (await import('./pythonFiles')).savedJsonReader,
  },
  {
    format: 'keras-archive',
    files: '*.keras',
    pattern: /\.keras$/i,
    // Weights are in it; the configuration alone is read.
    binary: { mostBytes: 2 ** 31 - 1 },
    load: async () => (await import('./pythonFiles')).savedArchiveReader,
  },
  {
    format: 'notebook',
    files: '*.ipynb',
    pattern: /\.ipynb$/i,
    // Outputs are in it.
    mostBytes: 100_000_000,
    load: async () => (await import('./notebook')).notebookReader,
  },
  {
    format: 'onnx',
    files: '*.onnx',
    pattern: /\.onnx$/i,
    // What a protobuf message may hold.
    binary: { mostBytes: 2 ** 31 - 1 },
    weights: true,
    load: async () => (await import('./onnx')).onnxReader,
  },
];

/** The row for a file, by its name; undefined where no reader reads it. */
export const readerFor = (fileName: string): ReaderRow | undefined =>
  readerTable.find((row) => row.pattern.test(fileName));
