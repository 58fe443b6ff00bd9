/** Words of data that a model is judged on, and not trained with. */
const HELD_OUT = new Set([
  'test',
  'testing',
  'val',
  'valid',
  'validation',
  'eval',
  'evaluation',
  'dev',
  'infer',
  'inference',
  'predict',
  'holdout',
]);

/** The words of a name: `val_loader` and `valLoader` are both val, loader. */
export const words = (name: string): string[] =>
  name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);

export const saysHeldOut = (text: string): boolean => words(text).some((word) => HELD_OUT.has(word));
