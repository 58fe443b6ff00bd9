import type { GenericSchema } from 'valibot';
import { safeParse } from 'valibot';
import { type FromView, receiveInView, type ToView } from '../protocol';

/** What VS Code gives a page, once. */
interface VsCodeApi {
  postMessage(message: FromView): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The extension as a page sees it. */
export interface Extension {
  post(message: FromView): void;
  /** What the page remembered when it was last shown, where it still fits. */
  recall<S>(schema: GenericSchema<unknown, S>): S | undefined;
  remember(state: unknown): void;
}

/**
 * Connects the page: every message that fits is handed to `receive`, others are named on the console and dropped. While
 * the page is hidden nothing is read; of each kind the newest waits until it shows.
 */
export function connect(receive: (message: ToView) => void): Extension {
  const api = acquireVsCodeApi();
  const waiting = new Map<string, unknown>();
  const take = (data: unknown): void => {
    const received = receiveInView(data);
    if ('message' in received) {
      receive(received.message);
      const { message } = received;
      if (message.type === 'report') api.postMessage({ type: 'drawn', measured: message.shown?.measured ?? null });
    } else console.warn(`NormScope: a message was refused: ${received.refused}`);
  };
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (document.visibilityState === 'visible') take(data);
    else waiting.set(kindOf(data), data);
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    const messages = [...waiting.values()];
    waiting.clear();
    for (const data of messages) take(data);
  });
  return {
    post: (message) => api.postMessage(message),
    recall: (schema) => {
      const result = safeParse(schema, api.getState());
      return result.success ? result.output : undefined;
    },
    remember: (state) => api.setState(state),
  };
}

const kindOf = (data: unknown): string =>
  typeof data === 'object' && data !== null && 'type' in data ? String(data.type) : '';
