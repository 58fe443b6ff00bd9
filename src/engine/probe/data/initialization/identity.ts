/** `eye_`, times a gain. */
export function fillEye(values: Float32Array, shape: readonly number[], gain: number): void {
  const [rows, columns] = shape as readonly [number, number];
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = gain;
}

/** `dirac_`: in each group of outputs, one at the middle of the kernel from the input of the same number. */
export function fillDirac(values: Float32Array, shape: readonly number[], groups: number): void {
  const [outputs, inputs, ...kernel] = shape as readonly [number, number, ...number[]];
  const field = kernel.reduce((product, size) => product * size, 1);
  const middle = kernel.reduce((at, size) => at * size + (size >> 1), 0);
  const perGroup = outputs / groups;
  for (let output = 0; output < outputs; output++) {
    const input = output % perGroup;
    if (input < inputs) values[(output * inputs + input) * field + middle] = 1;
  }
}
