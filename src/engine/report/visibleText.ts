/**
 * Characters that a terminal, a browser or a reader's eye would obey instead of show: controls (C0, C1, DEL), format
 * characters (bidirectional overrides, zero-width ones), line and paragraph separators, lone surrogates, private use.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/** The text on one line with everything unseen written out (`\x1b`, `\u202e`), for text that came from a model file. */
export const visibleText = (text: string): string => text.replace(UNSEEN, escapeCharacter);

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  const code = character.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
