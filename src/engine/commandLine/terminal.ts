import type { Writable } from 'node:stream';
import { InputError } from '../network';
import type { TextOptions } from '../report/text';

/** A stream that a person may be watching. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command talks to. */
export interface Terminal {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Calls back when the person asks to stop (Ctrl-C); gives a function that stops listening. */
  onInterrupt(callback: () => void): () => void;
}

/** How wide a report may be: a terminal's own width within reason, else 100 columns. */
const widthOf = (stream: OutputStream): number =>
  stream.isTTY && stream.columns ? Math.min(160, Math.max(80, stream.columns)) : 100;

/** Colour only where a person watches and has not refused it (no-color.org). */
export function textOptions(terminal: Terminal, toFile: boolean): TextOptions {
  const { NO_COLOR, TERM } = terminal.environment;
  const colour = !toFile && terminal.stdout.isTTY === true && !NO_COLOR && TERM !== 'dumb';
  return { columns: toFile ? 100 : widthOf(terminal.stdout), colour };
}

/** The system's name of an error. */
export const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';

/** Writes a text and waits until it has left the process. @throws InputError where the stream takes no more: a full disk. */
export const write = (stream: OutputStream, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      // A reader that has seen enough (`| head`) is no failure.
      if (error && !/^(EPIPE|ERR_STREAM_DESTROYED)$/.test(errorCode(error)))
        reject(new InputError(`the output cannot be written (${errorCode(error)})`, 'make room for it'));
      else resolve();
    });
  });
