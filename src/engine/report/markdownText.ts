import { visibleText } from './visibleText';

const entity = (character: string): string => `&#${character.codePointAt(0)};`;

/**
 * Text from a model file as Markdown that is nothing but text: whatever could begin emphasis, a link, a tag, a table
 * cell, a list or a formula is a character reference, which has no such power. A mention's @ is kept from its name.
 */
export const proseMarkdown = (text: string): string =>
  visibleText(text)
    .replace(/[\\`*_{}[\]<>#|~&!$=+]/g, entity)
    .replace(/@/g, '&#64;&#8203;')
    .replace(/:\/\//g, '&#58;//')
    .replace(/www\./gi, (prefix) => `${prefix.slice(0, 3)}&#46;`)
    .replace(/^(\s*(?:\d+(?=[.)](?:\s|$)))?)([-.)])/, (_, before: string, mark: string) => before + entity(mark));

/** An id or a place as Markdown code: a code span where its text allows one, else `<code>` with character references. */
export function codeMarkdown(text: string): string {
  const visible = visibleText(text);
  if (/^[\w.:/(),=+<>@'-][\w.:/(),=+<>@' -]*$/.test(visible) && !visible.endsWith(' ')) return `\`${visible}\``;
  return `<code>${visible.replace(/[^\p{L}\p{N} ]/gu, entity)}</code>`;
}
