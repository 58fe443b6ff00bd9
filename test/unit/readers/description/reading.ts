import assert from 'node:assert/strict';
import { InputError, type Network, sourceDocument } from '../../../../src/engine/network';
import type { ReadOptions } from '../../../../src/engine/readers';
import { readDescription } from '../../../../src/engine/readers/description';

/** Reads a description from its text. */
export const read = (text: string, options: ReadOptions = {}, file = 'net.normscope.yaml'): Network =>
  readDescription(sourceDocument(`file:///models/${file}`, text), options);

/** A description with one input of 8 features and these lines. */
export const lines = (text: string, head = 'input: [8]'): Network => read(`${head}\nlayers:\n${text}`);

/** The error that reading gives, as `line:column what; mend`. */
export function refusal(text: string, options: ReadOptions = {}): string {
  try {
    read(text, options);
  } catch (error) {
    assert.ok(error instanceof InputError, `not an InputError: ${error}`);
    assert.ok(!error.message.includes('\n'), `more than one line: ${error.message}`);
    const { start } = error.source ?? {};
    return start ? `${start.line}:${start.column} ${error.message}` : error.message;
  }
  return assert.fail('the text was read');
}
