import type { Emit } from '../onnx';
import type { PrimitiveAttributes } from './attributes';
import type * as operations from './operations';
import type { DataType, Primitive, Tensor, TensorOf, TensorType } from './tensor';

/** The operations, handed to gradient rules so that the table itself depends on none of them. */
export type Operations = typeof operations;

/** A shape and range of inputs on which a primitive can be tried: the property tests take them from here. */
export interface Sample {
  readonly shapes: readonly (readonly number[])[];
  /** Values are drawn from it; default [−2, 2]. */
  readonly range?: readonly [number, number];
  readonly attributes?: object;
  /** Bound for an index input's values; indices are drawn below it. The last input is one, unless `dtypes` says otherwise. */
  readonly indices?: number;
  /** Element types of the inputs; default float32, indices int64. */
  readonly dtypes?: readonly DataType[];
}

/** Everything about a primitive. */
export interface Rule<P extends Primitive> {
  /** @throws Error where the inputs do not fit. */
  infer(inputs: readonly TensorType[], attributes: PrimitiveAttributes[P]): TensorType;
  /**
   * ∂loss/∂input for each input, from ∂loss/∂output; `null`: not differentiable (integers, comparisons). `differentiate`
   * is `gradients` itself, for a rule that is the derivative of another expression.
   */
  readonly grad:
    | ((
        ops: Operations,
        node: TensorOf<P>,
        cotangent: Tensor,
        differentiate: (loss: Tensor, wrt: readonly Tensor[]) => readonly Tensor[],
      ) => readonly (Tensor | undefined)[])
    | null;
  onnx(emit: Emit, inputs: readonly string[], node: TensorOf<P>): string;
  /** Floating-point operations of one evaluation; default: one for each output element. */
  flops?(node: TensorOf<P>): number;
  /**
   * Bytes beside inputs and output, where it needs any: `held` as long as the output, for its gradient (less than 0 where
   * the output stands in memory that another holds), and `passing`, while it is computed.
   */
  memory?(node: TensorOf<P>): { readonly held: number; readonly passing: number };
  /** Whether these are products and sums of a matrix product or convolution, which a processor does at its peak; or how many are. */
  readonly product?: true | ((node: TensorOf<P>) => number);
  /** What the property tests try it on: none only where it is a leaf. */
  readonly samples: readonly Sample[];
}
