/** A name for a norm beside `beside`, which no word of the text bears: `conv1` → `norm1`, `conv` → `norm`, `fc` → `fc_norm`. */
export function normName(beside: string, kind: string, text: string, taken: ReadonlySet<string> = new Set()): string {
  const word = /BatchNorm/.test(kind) ? 'bn' : 'norm';
  const number = /\d*$/.exec(beside)![0];
  const usual = /^_?conv_?\d*$/i.test(beside) ? [`${word}${number}`] : [];
  const names = [...usual, `${beside}_${word}`];
  for (let i = 2; ; ) {
    const name = names.shift() ?? `${beside}_${word}${i++}`;
    if (!taken.has(name) && !new RegExp(`\\b${name}\\b`).test(text)) return name;
  }
}
