import type { Message } from '../../src/engine/network';
import {
  interpolate,
  type Strings,
  type Translate,
  titled,
  translated,
  worded,
} from '../../src/engine/report/translate';

let strings: Strings = {};

/** Says everything from here on by these sentences, which stand under the English ones; what is not among them in English. */
export function speak(translations: Strings): void {
  strings = translations;
}

/** A sentence of ours in the person's language. The English one must be written out in the call: a test collects them. */
export const t: Translate = (message, ...args) => interpolate(strings[message] ?? message, args);

/** What the engine says, in the person's language where its kind is translated. */
export const say = (message: Message): string => translated(message, strings);

/** The name, unit or source of a figure, in the person's language where it is translated. */
export const figureWords = (text: string): string => worded('figure', text, strings);

/** What a variant is called, in the person's language where it is translated. */
export const labelWords = (label: string): string => worded('word', label, strings);

/** What a fix is called, in the person's language where it is translated. */
export const titleWords = (title: string): string => titled(title, strings);
