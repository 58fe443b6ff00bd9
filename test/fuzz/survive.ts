import assert from 'node:assert/strict';
import { InputError, type Network, type Span, sourceDocument } from '../../src/engine/network';
import type { ReadOptions } from '../../src/engine/readers';
import { readerFor } from '../../src/engine/readers/table';

/** Nothing takes longer, in seconds of the processor's time. */
const LONGEST = 2;

/** How reading a file ended. */
export type Ending = 'read' | 'refused';

/**
 * Reads a text, whatever it is: it is read or refused in one line, within two seconds, and every complaint has a place
 * in the text. @throws AssertionError for anything else.
 */
export async function survive(file: string, text: string, options: ReadOptions = {}): Promise<Ending> {
  const lines = text.split('\n').length;
  const placed = (source: Span | undefined, what: string): void => {
    assert.ok(source, `no place: ${what}`);
    const { line, column } = source.start;
    // A cell's lines are fewer than its notebook's; an imported file's are its own.
    assert.ok(line >= 1 && column >= 1, `${line}:${column} of ${lines} lines: ${what}`);
    if (source.uri === uri && source.cell === undefined) assert.ok(line <= lines, `line ${line} of ${lines}: ${what}`);
    assert.ok(!/[\n\r]/.test(what), `more than one line: ${what}`);
  };
  const uri = `file://${file}`;
  const began = process.cpuUsage();
  let ending: Ending;
  try {
    const reader = await readerFor(file)!.load();
    const networks: readonly Network[] = await reader.read(sourceDocument(uri, text), options);
    for (const { unmodelled } of networks) {
      for (const { what, why, source } of unmodelled) placed(source, `${what}: ${why}`.replace(/\n/g, ' '));
    }
    ending = 'read';
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    placed(error.source, error.message);
    ending = 'refused';
  }
  const { user, system } = process.cpuUsage(began);
  const seconds = (user + system) / 1e6;
  assert.ok(seconds < LONGEST, `it took ${seconds.toFixed(1)} s`);
  return ending;
}
