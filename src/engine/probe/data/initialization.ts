import { elementCount, type Initialization } from '../../network';
import type { TensorData } from '../../runtime';
import { fillNormal, fillUniform, type Stream } from './philox';

/** A parameter's or buffer's first values, described so that the probe process can draw them itself. */
export interface InitializationSpec {
  readonly shape: readonly number[];
  readonly initialization: Initialization;
  readonly stream: Stream;
}

/** Draws the values. */
export function initialValues({ shape, initialization, stream }: InitializationSpec): TensorData {
  const values = new Float32Array(elementCount(shape));
  switch (initialization.kind) {
    case 'constant':
      values.fill(initialization.value);
      break;
    case 'uniform':
      fillUniform(values, stream, initialization.low, initialization.high);
      break;
    case 'normal':
      fillNormal(values, stream, initialization.mean, initialization.std);
      break;
  }
  return { dtype: 'float32', shape, values };
}
