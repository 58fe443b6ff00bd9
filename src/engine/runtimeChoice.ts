/** The builds of onnxruntime that can run a probe: this platform's native one, and WebAssembly. */
export const runtimeKinds = ['native', 'wasm'] as const;
export type RuntimeKind = (typeof runtimeKinds)[number];

/** What a person may ask for; `auto` is the native build, and WebAssembly where that cannot be loaded. */
export const runtimeChoices = ['auto', ...runtimeKinds] as const;
export type RuntimeChoice = (typeof runtimeChoices)[number];

/** The environment variable that chooses. */
export const RUNTIME_VARIABLE = 'NORMSCOPE_RUNTIME';

/** What a value of the variable chooses; undefined where it is none of the choices. */
export function runtimeChoice(value: string | undefined): RuntimeChoice | undefined {
  return value === undefined || value === '' ? 'auto' : runtimeChoices.find((choice) => choice === value);
}

/** What is said of a value that chooses nothing. */
export const refusedChoice = (value: string | undefined): { readonly what: string; readonly mend: string } => ({
  what: `the environment variable ${RUNTIME_VARIABLE} is ${value}, which names no runtime`,
  mend: `set it to one of ${runtimeChoices.join(', ')}, or unset it`,
});
