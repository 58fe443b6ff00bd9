/** Keras's own way from a class name to a layer's: `BatchNormalization` → `batch_normalization`. */
export const snakeCase = (name: string): string =>
  name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

/** Counts names: `dense`, `dense_1`, … */
export class Names {
  readonly #counts = new Map<string, number>();

  next(prefix: string): string {
    const count = this.#counts.get(prefix) ?? 0;
    this.#counts.set(prefix, count + 1);
    return count === 0 ? prefix : `${prefix}_${count}`;
  }

  clear(): void {
    this.#counts.clear();
  }
}

/** One spelling for Keras's full names: `tensorflow.keras.layers.Dense`, `keras.src.layers.core.dense.Dense`. */
export function canonical(path: string): string {
  return path
    .replace(
      /^(tensorflow\.(compat\.v[12]\.)?(python\.)?keras|tf_keras|keras_core|keras\.api(\._v2)?)(?=\.|$)/,
      'keras',
    )
    .replace(/^keras\._tf_keras\.keras(?=\.|$)/, 'keras')
    .replace(/^keras\.src(?=\.|$)/, 'keras')
    .replace(/^keras\.utils\.\w+_utils\.(\w+)$/, 'keras.utils.$1')
    .replace(
      /^keras\.preprocessing\.(image_dataset_from_directory|text_dataset_from_directory|timeseries_dataset_from_array)$/,
      'keras.utils.$1',
    )
    .replace(/^keras\.engine\.(?:\w+\.)*(\w+)$/, 'keras.$1')
    .replace(/^keras\.layers\.(?:[a-z_0-9]+\.)+([A-Z]\w*)$/, 'keras.layers.$1')
    .replace(/^keras\.(?:layers|models|engine|Sequential)\.(Layer|Model|Sequential|Input|Functional)$/, 'keras.$1')
    .replace(/^keras\.Functional$/, 'keras.Model')
    .replace(/^keras\.models\.(?:\w+\.)*(Model|Sequential|Functional)$/, 'keras.$1')
    .replace(/^keras\.Functional$/, 'keras.Model')
    .replace(/^keras\.layers\.InputLayer$/, 'keras.Input')
    .replace(/^keras\.layers\.(Separable)?Convolution(\dD|\dDTranspose)$/, 'keras.layers.$1Conv$2')
    .replace(/^keras\.layers\.(Global)?MaxPool(\dD)$/, 'keras.layers.$1MaxPooling$2')
    .replace(/^keras\.layers\.(Global)?AvgPool(\dD)$/, 'keras.layers.$1AveragePooling$2')
    .replace(/^keras\.layers\.GroupQueryAttention$/, 'keras.layers.GroupedQueryAttention')
    .replace(/^keras\.layers\.(?:experimental\.(?:preprocessing|SyncBatch)\.?)/, 'keras.layers.')
    .replace(
      /^keras\.layers\.(SyncBatchNormalization|Normalization)$/,
      (_, name) => `keras.layers.${name === 'SyncBatchNormalization' ? 'BatchNormalization' : name}`,
    )
    .replace(/^tensorflow\.(Module)$/, 'keras.Layer');
}

/** Keras's names, TensorFlow's with them. */
export const OWN = /^(keras|tensorflow)(\.|$)/;
