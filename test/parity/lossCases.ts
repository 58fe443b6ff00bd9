import type { LossKind } from '../../src/engine/network';
import { randomNumbers } from './tensors';

/** A loss at one output and target. */
export interface LossCase {
  readonly name: string;
  readonly kind: LossKind;
  readonly settings: Readonly<Record<string, string | number | boolean | readonly number[]>>;
  readonly outputShape: readonly number[];
  readonly output: Float32Array;
  readonly targetShape: readonly number[];
  /** Class indices are whole numbers; everything else is float32. */
  readonly target: Float32Array | readonly number[];
  readonly classAxis?: number;
}

const REDUCTIONS = ['mean', 'sum'] as const;
const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

let seed = 100;
const numbers = (shape: readonly number[], scale = 1): Float32Array => {
  const draw = randomNumbers(seed++);
  return Float32Array.from({ length: count(shape) }, () => scale * draw());
};
const mapped = (values: Float32Array, map: (value: number, i: number) => number) => values.map(map);
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** exp(z)/Σ exp(z) along the second of the axes, or its logarithm. */
function distributions(shape: readonly number[], logarithms = false): Float32Array {
  const raw = numbers(shape);
  const classes = shape[1]!;
  const inner = count(shape.slice(2));
  return raw.map((z, i) => {
    const [outer, k] = [Math.floor(i / (classes * inner)), i % inner];
    let total = 0;
    for (let c = 0; c < classes; c++) total += Math.exp(raw[(outer * classes + c) * inner + k]!);
    return logarithms ? z - Math.log(total) : Math.exp(z) / total;
  });
}

const indices = (length: number, classes: number): number[] =>
  Array.from(numbers([length]), (value) => Math.floor(Math.abs(value) * 1000) % classes);

/** Of a class loss: outputs of several ranks, each with the settings. */
function classCases(kind: 'CrossEntropyLoss' | 'NLLLoss', settings: LossCase['settings'], name: string): LossCase[] {
  return [
    [6, 5],
    [3, 4, 7],
    [2, 3, 4, 5],
  ].map((shape) => {
    const positions = [shape[0]!, ...shape.slice(2)];
    const output = kind === 'NLLLoss' ? distributions(shape, true) : numbers(shape, 2);
    const target = indices(count(positions), shape[1]!);
    // The first class is a padding's; in the other case some targets hold what no class can.
    if (settings.ignore_index === -100) target.splice(0, 2, -100, -100);
    const weight = settings.weight && (settings.weight as readonly number[]).slice(0, shape[1]!);
    return {
      name: `${kind} ${name} [${shape}]`,
      kind,
      settings: { ...settings, ...(weight && { weight }) },
      outputShape: shape,
      output,
      targetShape: positions,
      target,
    };
  });
}

const weight = [0.5, 2, 1, 0.25, 3];
const classSettings: readonly (readonly [string, LossCase['settings']])[] = [
  ['plain', {}],
  ['sum', { reduction: 'sum' }],
  ['ignoring a class', { ignore_index: 1 }],
  ['ignoring −100, summed', { ignore_index: -100, reduction: 'sum' }],
  ['ignoring −100', { ignore_index: -100 }],
  ['weighted', { weight }],
  ['weighted, ignoring, summed', { weight, ignore_index: 2, reduction: 'sum' }],
  ['weighted, ignoring', { weight, ignore_index: 2 }],
];
const smoothSettings: readonly (readonly [string, LossCase['settings']])[] = [
  ['smoothed', { label_smoothing: 0.1 }],
  ['smoothed, summed', { label_smoothing: 0.3, reduction: 'sum' }],
  ['smoothed, ignoring', { label_smoothing: 0.2, ignore_index: 0 }],
  ['smoothed, weighted', { label_smoothing: 0.2, weight }],
  ['smoothed, weighted, ignoring, summed', { label_smoothing: 0.2, weight, ignore_index: 1, reduction: 'sum' }],
  ['smoothed, weighted, ignoring', { label_smoothing: 0.2, weight, ignore_index: 1 }],
  ['wholly smoothed', { label_smoothing: 1 }],
];

function probabilityCases(): LossCase[] {
  const given: readonly LossCase['settings'][] = [
    {},
    { reduction: 'sum' },
    { weight },
    { label_smoothing: 0.2 },
    { weight, label_smoothing: 0.1 },
  ];
  return given.flatMap((settings) =>
    [
      [6, 5],
      [2, 5, 3, 2],
    ].map((shape) => ({
      name: `CrossEntropyLoss of probabilities ${JSON.stringify(settings)} [${shape}]`,
      kind: 'CrossEntropyLoss' as const,
      settings,
      outputShape: shape,
      output: numbers(shape, 2),
      targetShape: shape,
      target: distributions(shape),
    })),
  );
}

/** Outputs of extreme certainty, right and wrong. */
const sure: LossCase = {
  name: 'CrossEntropyLoss of logits of ±200',
  kind: 'CrossEntropyLoss',
  settings: {},
  outputShape: [4, 3],
  output: Float32Array.of(200, 0, -200, 200, 0, -200, 90, 91, 92, 0, 0, 0),
  targetShape: [4],
  target: [0, 2, 1, 1],
};

const lastAxisSettings: readonly LossCase['settings'][] = [{}, { weight, label_smoothing: 0.1, ignore_index: 3 }];
const lastAxis: readonly LossCase[] = lastAxisSettings.map((settings) => ({
  name: `CrossEntropyLoss over the last axis ${JSON.stringify(settings)}`,
  kind: 'CrossEntropyLoss' as const,
  settings,
  outputShape: [3, 4, 5],
  output: numbers([3, 4, 5], 2),
  targetShape: [3, 4],
  target: indices(12, 5),
  classAxis: 2,
}));

const valueSettings: readonly (readonly [LossKind, readonly LossCase['settings'][]])[] = [
  ['MSELoss', [{}]],
  ['L1Loss', [{}]],
  ['SmoothL1Loss', [{}, { beta: 0.3 }, { beta: 0 }]],
  ['HuberLoss', [{}, { delta: 0.3 }, { delta: 2.5 }]],
];

const valueCases: readonly LossCase[] = valueSettings.flatMap(([kind, given]) =>
  given.flatMap((own) =>
    REDUCTIONS.flatMap((reduction) =>
      [
        [5, 1],
        [4, 3, 2],
      ].map((shape): LossCase => {
        const target = numbers(shape);
        // Here and there equal, and exactly at the bend of Huber's.
        const output = mapped(numbers(shape, 1.5), (value, i) =>
          i === 0 ? target[0]! : i === 1 ? target[1]! + 0.3 : value,
        );
        return {
          name: `${kind} ${JSON.stringify({ ...own, reduction })} [${shape}]`,
          kind,
          settings: { ...own, reduction },
          outputShape: shape,
          output,
          targetShape: shape,
          target,
        };
      }),
    ),
  ),
);

const perOutput = [0.5, 2, 1.5];

const binaryCases: readonly LossCase[] = REDUCTIONS.flatMap((reduction) =>
  [[7, 3], [2, 2, 3], ...(reduction === 'mean' ? [[6, 1], [5]] : [])].flatMap((shape): LossCase[] => {
    const wide = shape.at(-1) === 3;
    const bits = () => mapped(numbers(shape), (value) => (value > 0 ? 1 : 0));
    const soft = () => mapped(numbers(shape), sigmoid);
    const logits = () => mapped(numbers(shape, 3), (value, i) => (i < 4 ? [0, 60, -60, 15][i]! : value));
    const chances = () => mapped(numbers(shape, 2), (value, i) => (i < 4 ? [0, 1, 1, 0][i]! : sigmoid(value)));
    const of = (
      kind: 'BCELoss' | 'BCEWithLogitsLoss',
      settings: LossCase['settings'],
      output: Float32Array,
      target: Float32Array,
    ): LossCase => ({
      name: `${kind} ${JSON.stringify({ ...settings, reduction })} [${shape}]`,
      kind,
      settings: { ...settings, reduction },
      outputShape: shape,
      output,
      targetShape: shape,
      target,
    });
    return [
      of(
        'BCELoss',
        {},
        mapped(soft(), (p) => p),
        bits(),
      ),
      { ...of('BCELoss', {}, chances(), bits()), name: `BCELoss at 0 and 1, ${reduction} [${shape}]` },
      { ...of('BCELoss', {}, soft(), soft()), name: `BCELoss of shares, ${reduction} [${shape}]` },
      of('BCEWithLogitsLoss', {}, logits(), bits()),
      {
        ...of('BCEWithLogitsLoss', {}, logits(), soft()),
        name: `BCEWithLogitsLoss of shares, ${reduction} [${shape}]`,
      },
      ...(wide
        ? [
            of('BCELoss', { weight: perOutput }, soft(), bits()),
            of('BCEWithLogitsLoss', { pos_weight: perOutput }, logits(), bits()),
            of('BCEWithLogitsLoss', { pos_weight: [3], weight: perOutput }, logits(), soft()),
          ]
        : []),
    ];
  }),
);

const divergenceCases: readonly LossCase[] = ['mean', 'sum', 'batchmean'].flatMap((reduction) =>
  [false, true].flatMap((log_target) =>
    [
      [5, 4],
      [2, 6, 3],
    ].map((shape): LossCase => {
      const target = distributions(shape, log_target);
      // What has no probability costs nothing.
      if (!log_target) target[0] = 0;
      return {
        name: `KLDivLoss ${JSON.stringify({ reduction, log_target })} [${shape}]`,
        kind: 'KLDivLoss',
        settings: { reduction, log_target },
        outputShape: shape,
        output: distributions(shape, true),
        targetShape: shape,
        target,
      };
    }),
  ),
);

export const lossCases: readonly LossCase[] = [
  ...classSettings.flatMap(([name, settings]) => [
    ...classCases('CrossEntropyLoss', settings, name),
    ...classCases('NLLLoss', settings, name),
  ]),
  ...smoothSettings.flatMap(([name, settings]) => classCases('CrossEntropyLoss', settings, name)),
  ...probabilityCases(),
  sure,
  ...lastAxis,
  ...valueCases,
  ...binaryCases,
  ...divergenceCases,
];
