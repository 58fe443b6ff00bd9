/** The longest end of a text that fits, with an ellipsis before it: the end of an id tells layers apart. */
export function shortenLeft(text: string, fits: (text: string) => boolean): string {
  if (fits(text)) return text;
  // Whole characters, so that none is torn apart.
  const characters = [...text];
  let low = 1;
  let high = characters.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(`…${characters.slice(-middle).join('')}`)) low = middle;
    else high = middle - 1;
  }
  return `…${characters.slice(-low).join('')}`;
}
