import { type DataArray, type GivenData, INPUT_NAMES, refuseData } from '../../dataFiles';
import { formatShape, InputError, isBatchDim, type Network, type NetworkInput } from '../../network';
import type { TensorData } from '../../runtime';
import { outputShape } from '../programs/leaves';
import { layoutOf } from './layout';
import { checkFinite, checkShape } from './ownChecks';
import { samplesOf } from './ownSamples';
import { fitTarget } from './ownTarget';
import { roleOf } from './roles';
import { knownVocabulary } from './vocabulary';

/** A person's own data, checked against a network: what stands in the place of synthetic data. */
export interface OwnData {
  /** How many samples there are. */
  readonly samples: number;
  /** The files as the person named them. */
  readonly files: readonly string[];
  /** Some samples of an input, [indices, …sample]. */
  input(name: string, indices: Uint32Array): TensorData;
  /** Their targets. */
  target(indices: Uint32Array): TensorData;
  /** Mean and standard deviation of each float input's values, as the files hold them. */
  readonly moments: ReadonlyMap<string, { readonly mean: number; readonly std: number }>;
}

/** Puts arrays to the network's inputs: by name, else the only one by a usual name, else in order. */
function matchInputs(network: Network, given: readonly DataArray[]): Map<NetworkInput, DataArray> {
  const batched = network.inputs.filter(({ shape }) => shape.some(isBatchDim));
  const byName = batched.map((input) => given.find(({ name }) => name === input.name));
  if (byName.every((array) => array !== undefined)) return new Map(batched.map((input, i) => [input, byName[i]!]));
  const usual = given.filter(({ name }) => name !== undefined && INPUT_NAMES.test(name));
  if (batched.length === 1 && usual.length === 1) return new Map([[batched[0]!, usual[0]!]]);
  if (given.length === batched.length) return new Map(batched.map((input, i) => [input, given[i]!]));
  const takes = batched.map(({ name, shape }) => `${name} ${formatShape(shape)}`).join(', ');
  const has = given.map(({ place }) => place).join(', ');
  throw new InputError(
    `the network takes ${batched.length} inputs (${takes}), and the data has ${given.length} beside the targets (${has})`,
    `give one array for each: --data ${batched.map(({ name }) => `${name}=${name}.npy`).join(',')},y=y.npy`,
  );
}

/** Values of an input of whole numbers: below its vocabulary, or as long as its sequences. */
function checkWhole(array: DataArray, input: NetworkInput, network: Network): void {
  const role = roleOf(input);
  const vocabulary = role === 'tokens' ? knownVocabulary(input, network) : undefined;
  const { size = Number.POSITIVE_INFINITY, columns = [size] } = vocabulary ?? {};
  const least = role === 'lengths' ? 1 : 0;
  array.values.forEach((value: number | bigint, i: number) => {
    const number = Number(value);
    if (!Number.isInteger(number)) {
      refuseData(array.place, `${input.name} takes whole numbers, but value ${i} is ${number}`, 'save whole numbers');
    }
    const most = columns[i % columns.length]! - 1;
    if (number < least || number > most) {
      const range = Number.isFinite(most) ? `${least} to ${most}` : `${least} on`;
      refuseData(
        array.place,
        `value ${i} is ${number}, and ${input.name} takes ${range}`,
        'mend it, or give the network a larger table',
      );
    }
  });
}

function momentsOf({ values }: DataArray): { mean: number; std: number } {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Number(values[i]!);
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (Number(values[i]!) - mean) ** 2;
  return { mean, std: Math.sqrt(squares / values.length) };
}

/**
 * Checks a person's data against a network: as many samples everywhere, shapes, types, numbers that are finite, labels in
 * range. The task may follow from it: targets that are probabilities, or hold the index that a loss leaves out.
 * @throws InputError, one line: the file, what does not fit, and how to mend it.
 */
export function fitData(network: Network, given: GivenData): { readonly network: Network; readonly own: OwnData } {
  const inputs = matchInputs(network, given.inputs);
  const samples = given.target.shape[0] ?? 0;
  for (const array of [...inputs.values(), given.target]) {
    checkCount(array, given.target);
    checkFinite(array);
  }
  for (const [input, array] of inputs) {
    checkShape(array, layoutOf(input.shape, `the input ${input.name}`), `the input ${input.name}`);
    if (input.dtype === 'int64') checkWhole(array, input, network);
  }
  const fitted = fitTarget(given.target, network.task, outputShape(network));
  const byName = new Map([...inputs].map(([input, array]) => [input.name, { input, array }]));
  const own: OwnData = {
    samples,
    files: given.files,
    input(name, indices) {
      const { input, array } = byName.get(name)!;
      return samplesOf(array, layoutOf(input.shape, name).shape, input.dtype, indices);
    },
    target: (indices) => samplesOf(given.target, fitted.shape, fitted.dtype, indices),
    moments: new Map(
      [...inputs].flatMap(([input, array]) => (input.dtype === 'float32' ? [[input.name, momentsOf(array)]] : [])),
    ),
  };
  return { network: { ...network, task: fitted.task }, own };
}

function checkCount(array: DataArray, target: DataArray): void {
  if (array.shape.length === 0) refuseData(array.place, 'this is one number', 'give a row for each sample');
  const count = array.shape[0] ?? 0;
  const wanted = target.shape[0] ?? 0;
  if (count < 2) refuseData(array.place, `it holds ${count === 1 ? 'one sample' : 'no samples'}`, 'give two or more');
  if (count === wanted) return;
  const said = `it holds ${count} samples, and ${target.place} ${wanted} targets`;
  refuseData(array.place, said, 'give one target for each sample');
}
