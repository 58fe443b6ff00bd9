import type { Span } from '../../network';
import { tensor, tuple, type Value } from '../python/values';

/** Shapes of Keras's own data sets: training samples, test samples, one sample. */
const datasets: Readonly<
  Record<string, { readonly train: number; readonly test: number; readonly sample: readonly number[] }>
> = {
  mnist: { train: 60000, test: 10000, sample: [28, 28] },
  fashion_mnist: { train: 60000, test: 10000, sample: [28, 28] },
  cifar10: { train: 50000, test: 10000, sample: [32, 32, 3] },
  cifar100: { train: 50000, test: 10000, sample: [32, 32, 3] },
  boston_housing: { train: 404, test: 102, sample: [13] },
  california_housing: { train: 16512, test: 4128, sample: [8] },
};

/** `keras.datasets.mnist.load_data()`: arrays of known shapes; undefined for another data set. */
export function loadData(path: string, site: Span): Value | undefined {
  const name = /^keras\.datasets\.(\w+)\.load_data$/.exec(path)?.[1];
  const found = name !== undefined && Object.hasOwn(datasets, name) ? datasets[name] : undefined;
  if (!found) return undefined;
  const array = (shape: readonly number[], dtype: 'float32' | 'int64'): Value =>
    tensor(shape, { kind: 'fresh', source: site }, dtype);
  const labels = name!.startsWith('cifar') ? [1] : [];
  const part = (count: number) =>
    tuple([array([count, ...found.sample], 'float32'), array([count, ...labels], 'int64')]);
  return tuple([part(found.train), part(found.test)]);
}
