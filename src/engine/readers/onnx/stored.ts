import { InputError } from '../../network';
import { dataTypeName, ModelFormatError, type ModelTensor, tensorNumbers, tensorSize } from '../../onnx';

export type Numbers = Float32Array | Float64Array;

/** The bytes of a tensor's external data; undefined for a tensor that has its own. */
export type ExternalBytes = (tensor: ModelTensor) => Uint8Array | undefined;

/** Tensors up to so many elements are looked into while reading. */
export const MOST_KNOWN = 4096;

/**
 * A tensor that the file holds, moved but not computed with. Its numbers are read when they are asked for: `inspect`
 * never touches a weight.
 */
export class Stored {
  private read: Numbers | undefined;

  private constructor(
    /** The same for the same numbers in the same order. */
    readonly key: string,
    /** Its name in the file; undefined where the exporter made it up. */
    readonly name: string | undefined,
    readonly shape: readonly number[],
    readonly dataType: number,
    private readonly make: () => Numbers,
    /** All elements are this number: nothing stands in the file. */
    readonly uniform?: number,
  ) {}

  /** A tensor that the graph fills with one number. */
  static filled(key: string, shape: readonly number[], value: number): Stored {
    const make = () => new Float32Array(shape.reduce((count, size) => count * size, 1)).fill(value);
    return new Stored(key, undefined, shape, 1, make, value);
  }

  static of(tensor: ModelTensor, key: string, external: ExternalBytes): Stored {
    return new Stored(key, statedName(tensor.name), tensor.shape, tensor.dataType, () => {
      try {
        return tensorNumbers(tensor, external(tensor) ?? tensor.raw);
      } catch (error) {
        if (!(error instanceof ModelFormatError)) throw error;
        throw new InputError(`the file is no whole ONNX model: ${error.message}`, 'export the model again');
      }
    });
  }

  get type(): string {
    return dataTypeName(this.dataType);
  }

  get size(): number {
    return tensorSize(this);
  }

  /** Row-major. @throws InputError where the file's bytes do not fill the shape. */
  numbers(): Numbers {
    this.read ??= this.make();
    return this.read;
  }

  /** Its numbers where they are few; undefined where reading would touch weights. */
  few(): Numbers | undefined {
    return this.size <= MOST_KNOWN ? this.numbers() : undefined;
  }

  /** The same tensor under the name of what the file sets equal to it: a parameter of its own. */
  named(name: string): Stored {
    const stated = statedName(name);
    if (stated === undefined) return this;
    return new Stored(`${this.key}=${stated}`, stated, this.shape, this.dataType, () => this.numbers());
  }

  /** Another shape of the same numbers. */
  reshaped(shape: readonly number[]): Stored {
    return new Stored(this.key, this.name, shape, this.dataType, () => this.numbers(), this.uniform);
  }

  /** Its axes in another order. */
  permuted(order: readonly number[]): Stored {
    const { shape } = this;
    const target = order.map((axis) => shape[axis]!);
    const key = `${this.key}^[${shape.join(',')}]${order.join(',')}`;
    return new Stored(key, this.name, target, this.dataType, () => permute(this.numbers(), shape, order), this.uniform);
  }

  /** Some of its numbers, in an order of their own. */
  picked(what: string, shape: readonly number[], pick: (all: Numbers) => Numbers): Stored {
    return this.derived(`${this.key}/${what}`, shape, () => pick(this.numbers()));
  }

  /** A tensor made of this one and others, under its name. */
  derived(key: string, shape: readonly number[], make: () => Numbers): Stored {
    return new Stored(key, this.name, shape, this.dataType, make);
  }
}

/** Tensors one after another along an axis. */
export function joined(parts: readonly Stored[], axis: number): Stored | undefined {
  const [first] = parts;
  if (!first) return undefined;
  const fits = parts.every(
    ({ shape, dataType }) =>
      dataType === first.dataType &&
      shape.length === first.shape.length &&
      shape.every((size, i) => i === axis || size === first.shape[i]),
  );
  if (!fits) return undefined;
  const shape = first.shape.map((size, i) =>
    i === axis ? parts.reduce((sum, part) => sum + part.shape[axis]!, 0) : size,
  );
  const outer = shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const key = `[${parts.map((part) => part.key).join('|')}]${axis}`;
  return first.derived(key, shape, () => {
    const result = new Float32Array(shape.reduce((product, size) => product * size, 1));
    let at = 0;
    for (let i = 0; i < outer; i++) {
      for (const part of parts) {
        const width = part.size / outer;
        result.set(part.numbers().subarray(i * width, (i + 1) * width), at);
        at += width;
      }
    }
    return result;
  });
}

/** Some places of an axis. */
export function placesOfAxis(stored: Stored, axis: number, taken: readonly number[]): Stored {
  const shape = stored.shape.map((size, i) => (i === axis ? taken.length : size));
  const inner = stored.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const outer = stored.shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const length = stored.shape[axis]!;
  const key = `${stored.key}{${axis}:${taken[0]},${taken[1]},${taken.length}}[${stored.shape.join(',')}]`;
  return stored.derived(key, shape, () => {
    const numbers = stored.numbers();
    const result = new Float32Array(outer * taken.length * inner);
    for (let i = 0; i < outer; i++)
      for (const [j, place] of taken.entries()) {
        const from = (i * length + place) * inner;
        result.set(numbers.subarray(from, from + inner), (i * taken.length + j) * inner);
      }
    return result;
  });
}

/** Names that exporters make up: `onnx::MatMul_31`, `val_7`, `const_fold_opt__12`. */
function statedName(name: string): string | undefined {
  return /^(onnx::|val_\d|const|_?inlfunc_|c_lifted|\/|$)|_output_\d+$|^\d+$/.test(name) ? undefined : name;
}

/** The numbers with their axes in another order. */
function permute(values: Numbers, shape: readonly number[], order: readonly number[]): Numbers {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const target = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const result = values instanceof Float32Array ? new Float32Array(values.length) : new Float64Array(values.length);
  const at = target.map(() => 0);
  let from = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = values[from]!;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++at[axis]! < target[axis]!) break;
      from -= steps[axis]! * target[axis]!;
      at[axis] = 0;
    }
  }
  return result;
}
