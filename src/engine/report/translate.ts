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

/** A text in another language, of the template with the most words that it has come of; undefined where there is none. */
function refilled(
  text: string,
  templates: readonly (readonly [template: string, phrase: string])[],
  strings: Strings,
): string | undefined {
  for (const [template, phrase] of templates.toSorted(([a], [b]) => b.length - a.length)) {
    if (template === text) return phrase;
    const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    if (names.length === 0) continue;
    const pattern = template
      .split(/\{\w+\}/)
      .map(literally)
      .join('(.+?)');
    const [, ...inside] = new RegExp(`^${pattern}$`, 's').exec(text) ?? [];
    if (inside.length > 0)
      return interpolate(
        phrase,
        Object.fromEntries(names.map((name, at) => [name, worded('word', inside[at]!, strings)])),
      );
  }
  return undefined;
}

/** The strings whose keys begin so, by what stands behind. */
const under = (beginning: RegExp, strings: Strings): (readonly [string, string])[] =>
  Object.entries(strings).flatMap(([key, phrase]) =>
    beginning.test(key) ? [[key.replace(beginning, ''), phrase] as const] : [],
  );

/**
 * A phrase of the engine's, in another language: `word/ENGLISH` where it is an argument or a title, `figure/ENGLISH` where it
 * names a figure, its unit or its source. `{0}`, `{1}` … in it stand for names, numbers or other such phrases.
 */
export const worded = (kind: 'word' | 'figure', text: string, strings: Strings): string =>
  strings[`${kind}/${text}`] ??
  refilled(text, under(kind === 'word' ? /^word\// : /^figure\//, strings), strings) ??
  text;

/** What a fix is called, which a report holds as a text alone, in another language. */
export const titled = (title: string, strings: Strings): string =>
  refilled(title, under(/^engine\/(?:mend|set|draw)-[\w-]+#/, strings), strings) ?? worded('word', title, strings);

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
