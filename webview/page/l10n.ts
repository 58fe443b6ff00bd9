import type { Message } from '../../src/engine/network';
import { interpolate, type Translate } from '../../src/engine/report/translate';

let strings: Readonly<Record<string, string>> = {};

/** Says everything from here on by these sentences, which stand under the English ones; what is not among them in English. */
export function speak(translations: Readonly<Record<string, string>>): void {
  strings = translations;
}

/** A sentence of ours in the person's language. The English one must be written out in the call: a test collects them. */
export const t: Translate = (message, ...args) => interpolate(strings[message] ?? message, args);

/**
 * What the engine says, in the person's language where its kind is translated. The sentences stand under `engine/ID`, and
 * where one id has several sentences under `engine/ID#ENGLISH`; what an argument says in words under `word/ENGLISH`.
 */
export function say(message: Message): string {
  const { id, text } = message;
  const translated = strings[`engine/${id}`] ?? amongSeveral(message);
  if (translated === undefined) return text;
  const args = Object.entries(message.args).map(([name, value]) => [name, strings[`word/${value}`] ?? value]);
  return interpolate(translated, Object.fromEntries(args));
}

/** The translation of the one of an id's sentences that gives this text. */
function amongSeveral({ id, args, text }: Message): string | undefined {
  const beginning = `engine/${id}#`;
  const key = Object.keys(strings).find(
    (each) => each.startsWith(beginning) && interpolate(each.slice(beginning.length), args) === text,
  );
  return key === undefined ? undefined : strings[key];
}
