import { InputError, type InputType, type SourceDocument, type Span, spanOf } from '../../../network';

/** An input's shape as a directive gives it: without the batch. */
export interface InputDirective {
  readonly name?: string;
  readonly shape: readonly number[];
  readonly dtype: InputType;
  readonly source: Span;
}

/** What `# normscope: input=3x224x224 batch=32 name=Net` comments say. */
export interface Directives {
  readonly inputs: readonly InputDirective[];
  readonly batch?: { readonly size: number; readonly source: Span };
  readonly name?: string;
}

const MEND = 'write for example # normscope: input=3x224x224 batch=32';

/** Reads the directive comments of a file, or of a notebook's cells. @throws InputError for a directive that says something else. */
export function readDirectives(document: SourceDocument): Directives {
  const found = (document.cells ?? [document]).map(directivesOf);
  const batch = found.find((each) => each.batch)?.batch;
  const name = found.find((each) => each.name)?.name;
  return { inputs: found.flatMap(({ inputs }) => inputs), ...(batch && { batch }), ...(name && { name }) };
}

/**
 * The directives of one text. An input is `3x224x224`, `image=3x224x224` or `tokens=64:int64`.
 * @throws InputError for a directive that says something else.
 */
function directivesOf(document: SourceDocument): Directives {
  const inputs: InputDirective[] = [];
  let batch: Directives['batch'];
  let name: string | undefined;
  for (const [i, text] of document.text.split('\n').entries()) {
    const match = /^[^'"]*?#\s*normscope:(.*)$/.exec(text.trimEnd());
    if (!match) continue;
    const line = i + 1;
    const column = text.indexOf('#') + 1;
    const source = spanOf(document, { line, column }, { line, column: text.trimEnd().length + 1 });
    // What a comment says of findings is no matter of reading.
    for (const word of match[1]!
      .replace(/\bignore\b(\[[^\]]*\])?/g, '')
      .trim()
      .split(/[\s,]+/)
      .filter(Boolean)) {
      const [, key, value] = /^(\w+)=(.+)$/.exec(word) ?? [];
      if (key === 'input') inputs.push(inputDirective(value!, source));
      else if (key === 'batch' && /^[1-9]\d{0,6}$/.test(value!)) batch ??= { size: Number(value), source };
      else if (key === 'name') name ??= value;
      else throw new InputError(`'${word}' is no directive`, MEND, source);
    }
  }
  return { inputs, ...(batch && { batch }), ...(name && { name }) };
}

function inputDirective(value: string, source: Span): InputDirective {
  const [, name, sizes, dtype] = /^(?:(\w+)=)?(\d+(?:x\d+)*)(?::(float32|int64))?$/.exec(value) ?? [];
  const shape = sizes?.split('x').map(Number);
  if (!shape || shape.some((size) => size < 1))
    throw new InputError(`'input=${value}' is no input shape`, MEND, source);
  return { shape, dtype: dtype === 'int64' ? 'int64' : 'float32', source, ...(name && { name }) };
}
