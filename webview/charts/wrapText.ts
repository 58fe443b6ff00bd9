/** A text in lines of at most `most` characters; a word that is longer is broken. */
export function wrapText(text: string, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    for (const piece of pieces(word, most)) {
      if (line === '') line = piece;
      else if (line.length + 1 + piece.length <= most) line += ` ${piece}`;
      else {
        lines.push(line);
        line = piece;
      }
    }
  }
  return [...lines, line];
}

const pieces = (word: string, most: number): string[] =>
  word.length <= most ? [word] : [...(word.match(new RegExp(`.{1,${most}}`, 'gsu')) ?? [])];
