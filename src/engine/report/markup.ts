import { visibleText } from './visibleText';

/** Text that is HTML already. Only `markup` makes it, so nothing reaches a page unescaped. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML content or inside a quoted attribute. */
const escapeText = (text: string): string => visibleText(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);

const render = (part: Part): string => {
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  return 'markup' in part ? part.markup : part.map(render).join('');
};

/** A template of HTML: what is put in is escaped unless it is Markup; lists are put one after another. */
export const markup = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: strings.reduce((page, piece, index) => page + render(parts[index - 1]!) + piece),
});

/** The literal text of a style sheet or the like; never anything that came from a file. */
export const literal = (text: string): Markup => ({ markup: text });
