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

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/**
 * A phrase of the engine's, in another language: `word/ENGLISH` where it is an argument, `figure/ENGLISH` where it names a
 * figure, its unit or its source. `{0}`, `{1}` … in it stand in this order for names, numbers or other such phrases; an exact one goes first.
 */
export function worded(kind: 'word' | 'figure', text: string, strings: Strings): string {
  const exact = strings[`${kind}/${text}`];
  if (exact !== undefined) return exact;
  for (const [key, phrase] of Object.entries(strings)) {
    const around = key.startsWith(`${kind}/`) ? key.slice(kind.length + 1).split(/\{\d\}/) : [];
    if (around.length < 2) continue;
    const [, ...inside] = new RegExp(`^${around.map(literally).join('(.+?)')}$`, 's').exec(text) ?? [];
    if (inside.length > 0)
      return interpolate(
        phrase,
        inside.map((part) => worded('word', part, strings)),
      );
  }
  return text;
}

/**
 * What the engine says, in another language where that sentence is translated. It stands under `engine/ID#ENGLISH`, with
 * the places of its arguments: a sentence that has changed since is said in English. What an argument says in words stands
 * under `word/ENGLISH`.
 */
export function translated({ id, args, text }: Message, strings: Strings): string {
  const beginning = `engine/${id}#`;
  for (const [key, sentence] of Object.entries(strings)) {
    if (!key.startsWith(beginning) || interpolate(key.slice(beginning.length), args) !== text) continue;
    const words = Object.entries(args).map(([name, value]) => [name, worded('word', String(value), strings)]);
    return interpolate(sentence, Object.fromEntries(words));
  }
  return text;
}
