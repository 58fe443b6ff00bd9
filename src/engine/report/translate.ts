import type { Message } from '../network';

/** A sentence in the reader's language: `{0}`, `{1}` … stand for the arguments. As `vscode.l10n.t` does it. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** Puts arguments into a sentence, by name or by place; a place without one stays as it is. */
export function interpolate(
  message: string,
  args: Readonly<Record<string, string | number>> | readonly (string | number)[],
): string {
  const given = new Map<string, string | number>(Object.entries(args));
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(given.get(name) ?? whole));
}

/** Says everything as it was written. */
export const english: Translate = (message, ...args) => interpolate(message, args);

/** Sentences of another language, by the English ones. */
export type Strings = Readonly<Record<string, string>>;

/**
 * What the engine says, in another language where its kind is translated. The sentences stand under `engine/ID`, and where
 * one id has several sentences under `engine/ID#ENGLISH`; what an argument says in words under `word/ENGLISH`.
 */
export function translated(message: Message, strings: Strings): string {
  const { id, text } = message;
  const sentence = strings[`engine/${id}`] ?? amongSeveral(message, strings);
  if (sentence === undefined) return text;
  const args = Object.entries(message.args).map(([name, value]) => [name, strings[`word/${value}`] ?? value]);
  return interpolate(sentence, Object.fromEntries(args));
}

/** The translation of the one of an id's sentences that gives this text. */
function amongSeveral({ id, args, text }: Message, strings: Strings): string | undefined {
  const beginning = `engine/${id}#`;
  const key = Object.keys(strings).find(
    (each) => each.startsWith(beginning) && interpolate(each.slice(beginning.length), args) === text,
  );
  return key === undefined ? undefined : strings[key];
}
