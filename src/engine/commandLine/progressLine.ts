import type { AnalyzeProgress } from '../analyzeOptions';
import type { OutputStream } from './terminal';

/** One line on a terminal that is written over as an analysis goes on. */
export interface ProgressLine {
  show(progress: AnalyzeProgress): void;
  clear(): void;
}

const CLEAR = '\r\x1b[K';

/** The line where a person watches; nothing elsewhere. */
export function progressLine(stream: OutputStream, wanted: boolean): ProgressLine {
  if (!wanted || stream.isTTY !== true) return { show: () => {}, clear: () => {} };
  let shown = '';
  return {
    show: ({ stage, done, total }) => {
      const line = total > 0 ? `${stage}: ${done} of ${total}` : stage;
      if (line === shown) return;
      shown = line;
      stream.write(CLEAR + line);
    },
    clear: () => {
      if (shown !== '') stream.write(CLEAR);
      shown = '';
    },
  };
}
