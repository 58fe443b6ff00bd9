import type { Message } from '../../src/engine/network';
import { interpolate, type Translate } from '../../src/engine/report/translate';

/** The element of a page that holds its sentences in the person's language, by the English ones. */
export const STRINGS = 'normscope-strings';

let strings: Readonly<Record<string, string>> | undefined;

/** The sentences that the extension wrote into the page; none in English, and none outside a page. */
function translations(): Readonly<Record<string, string>> {
  if (strings) return strings;
  if (typeof document === 'undefined') return {};
  const held = document.querySelector<HTMLMetaElement>(`meta[name="${STRINGS}"]`)?.content;
  strings = held ? (JSON.parse(held) as Record<string, string>) : {};
  return strings;
}

/** A sentence of ours in the person's language. The English one must be written out in the call: a test collects them. */
export const t: Translate = (message, ...args) => interpolate(translations()[message] ?? message, args);

/** What the engine says, in the person's language where its kind is translated. */
export function say({ id, args, text }: Message): string {
  const translated = translations()[`engine/${id}`];
  return translated === undefined ? text : interpolate(translated, args);
}
