import fc from 'fast-check';
import type { ModelText } from './exampleReport';

/** Pieces that mean something to a terminal, a browser or a Markdown reader. */
const DANGEROUS = [
  ...[
    '\x1b[31m',
    '\x1b]0;title\x07',
    '\x9b2J',
    '\r',
    '\n',
    '\t',
    '\0',
    '\x7f',
    '\u202e',
    '\u2066',
    '\u200b',
    '\u2028',
    '\ufeff',
    '\ud800',
  ],
  ...[
    '<script>alert(1)</script>',
    '</style>',
    '</title>',
    '<!--',
    '-->',
    '"',
    "'",
    '" onload="x',
    '&lt;',
    '&#60;',
    ']]>',
    '<svg/onload=x>',
  ],
  ...[
    '|',
    '\\|',
    '\\',
    '`',
    '``',
    '![x](y)',
    '[x](javascript:y)',
    '**',
    '__',
    '~~',
    '$$',
    '# ',
    '- ',
    '1. ',
    '@someone',
    'http://x.y',
    'www.x.y',
    '> ',
  ],
  ...['{0}', '%s', '%{x}', ' ', '  ', '汉', '🙂', '\u{e000}'],
];

/** Any text, most often made of dangerous pieces. */
export const anyText = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...DANGEROUS), fc.string({ maxLength: 4 })), { maxLength: 6 })
    .map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

export const anyModelText: fc.Arbitrary<ModelText> = fc.record({
  id: anyText,
  kind: anyText,
  file: anyText.map((text) => `a/${text}`),
  sentence: anyText,
});
