import type { InputOption } from '../../src/engine/readers/reader';
import { english, type Translate } from '../../src/engine/report/translate';

const LARGEST = 2 ** 31 - 1;
const example = (t: Translate): string => t('write it as 3x224x224, or image=3x32x32 tokens=64:int64 for several');

/**
 * Input shapes as a person types them, without the batch: `3x224x224`, `(3, 224, 224)`, and for several inputs
 * `image=3x32x32 tokens=64:int64`. The batch is put in front. Gives a sentence where it cannot be read.
 */
export function inputsFrom(typed: string, batch: number, t: Translate = english): readonly InputOption[] | string {
  const parts = typed
    .replace(/[()[\]]/g, ' ')
    .replace(/(?<=\d)\s*[,x×*]\s*(?=\d)/gi, 'x')
    .split(/[\s;,]+/)
    .filter((part) => part !== '');
  if (parts.length === 0) return t('A shape is missing: {0}.', example(t));
  const inputs: InputOption[] = [];
  for (const part of parts) {
    const [, name, sizes, type] =
      /^(?:([\p{L}_][\p{L}\p{N}_]*)=)?(\d+(?:x\d+)*)(?::(float32|int64))?$/u.exec(part) ?? [];
    if (sizes === undefined) return t("'{0}' is no shape: {1}.", part, example(t));
    const shape = sizes.split('x').map(Number);
    if (shape.some((size) => size < 1 || size > LARGEST))
      return t("A size of '{0}' is not between 1 and {1}.", part, LARGEST);
    const dtype = type === undefined ? {} : { dtype: type as 'float32' | 'int64' };
    inputs.push({ ...(name === undefined ? {} : { name }), shape: [batch, ...shape], ...dtype });
  }
  return inputs;
}

/** A batch size as a person types it, or a sentence. */
export function batchFrom(typed: string, t: Translate = english): number | string {
  const batch = /^\s*\d+\s*$/.test(typed) ? Number(typed) : 0;
  return batch >= 1 && batch <= LARGEST ? batch : t('A batch size is a whole number from 1 on.');
}
