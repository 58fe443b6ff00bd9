/** Magics of a whole cell whose text is Python still. */
const PYTHON_CELLS =
  /^%%(?:time|timeit|capture|prun|snakeviz|memit|mprun|lprun|wandb|python3?|debug|script\s+python3?)\b/;

/** A line that IPython takes itself: `%matplotlib inline`, `!pip install torch`, `?nn.Linear`, `nn.Linear??`. */
const MAGIC = /^([ \t]*)(?:[%!?].*|[\w.*]+\?{1,2}[ \t]*)$/;
/** A name that is given what a magic or a command prints. */
const ASSIGNED = /^([ \t]*[A-Za-z_][\w., \t]*=[ \t]*)[!%](?!=).*$/;

/** What matters of a line to the next: comments, strings that may go on, brackets. */
const TOKEN = /#.*|"""|'''|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[([{]|[)\]}]/g;

/**
 * A cell's text as Python, line by line: what is IPython's own is `pass`, or None where its value is kept. Lines inside
 * brackets and strings are Python's, whatever they begin with. A cell in another language is empty.
 */
export function pythonOf(cell: string): string {
  const lines = cell.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first >= 0 && lines[first]!.startsWith('%%')) {
    if (!PYTHON_CELLS.test(lines[first]!)) return lines.map(() => '').join('\n');
    lines[first] = '';
  }
  let quote = '';
  let depth = 0;
  let goesOn = false;
  return lines
    .map((line) => {
      // A command goes on where it ends in a backslash.
      if (goesOn) {
        goesOn = line.trimEnd().endsWith('\\');
        return '';
      }
      if (quote === '' && depth === 0) {
        const magic = MAGIC.exec(line.trimEnd());
        const assigned = magic ? null : ASSIGNED.exec(line.trimEnd());
        if (magic || assigned) {
          goesOn = line.trimEnd().endsWith('\\');
          return magic ? `${magic[1]}pass` : `${assigned![1]}None`;
        }
      }
      let rest = line;
      while (rest !== '') {
        if (quote !== '') {
          const end = rest.indexOf(quote);
          if (end < 0) return line;
          rest = rest.slice(end + 3);
          quote = '';
        }
        TOKEN.lastIndex = 0;
        let opened = false;
        for (let token = TOKEN.exec(rest); token; token = TOKEN.exec(rest)) {
          const [text] = token;
          if (text === '"""' || text === "'''") {
            quote = text;
            rest = rest.slice(token.index + 3);
            opened = true;
            break;
          }
          if ('([{'.includes(text)) depth++;
          else if (')]}'.includes(text)) depth = Math.max(0, depth - 1);
        }
        if (!opened) return line;
      }
      return line;
    })
    .join('\n');
}
