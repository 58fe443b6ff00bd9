import { bool, dict, float, int, list, NONE, string, tuple, type Value } from '../values';

/** Deeper ones are no literal that a person writes. */
const DEEPEST = 50;

/** Python's text of numbers, strings, truths, None and what is made of them; undefined for anything else. */
export function literalOf(text: string): Value | undefined {
  let at = 0;
  const skip = (): void => {
    while (/\s/.test(text[at] ?? '')) at++;
  };
  const take = (pattern: RegExp): string | undefined => {
    const match = new RegExp(pattern.source, 'y');
    match.lastIndex = at;
    const found = match.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };

  const items = (close: string, depth: number): { values: Value[]; comma: boolean } | undefined => {
    const values: Value[] = [];
    let comma = false;
    for (skip(); text[at] !== close; skip()) {
      if (values.length > 0 && !comma) return undefined;
      const value = read(depth + 1);
      if (!value) return undefined;
      values.push(value);
      skip();
      comma = text[at] === ',';
      if (comma) at++;
    }
    at++;
    return { values, comma };
  };

  const pairs = (depth: number): Value | undefined => {
    const entries: [Value, Value][] = [];
    let comma = true;
    for (skip(); text[at] !== '}'; skip()) {
      if (!comma) return undefined;
      const key = read(depth + 1);
      skip();
      if (!key || text[at++] !== ':') return undefined;
      const value = read(depth + 1);
      if (!value) return undefined;
      entries.push([key, value]);
      skip();
      comma = text[at] === ',';
      if (comma) at++;
    }
    at++;
    return dict(entries);
  };

  function read(depth: number): Value | undefined {
    skip();
    if (depth > DEEPEST) return undefined;
    const word = take(/(None|True|False)\b/);
    if (word) return word === 'None' ? NONE : bool(word === 'True');
    const quoted = take(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/);
    if (quoted) return string(quoted.slice(1, -1).replace(/\\(['"\\])/g, '$1'));
    const number = take(/[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/);
    if (number) {
      const value = Number(number.replaceAll('_', ''));
      return /[.eE]/.test(number) ? float(value) : int(value);
    }
    const open = text[at++];
    if (open === '[') {
      const found = items(']', depth);
      return found && list(found.values);
    }
    if (open === '(') {
      const found = items(')', depth);
      if (!found) return undefined;
      return found.values.length === 1 && !found.comma ? found.values[0] : tuple(found.values);
    }
    return open === '{' ? pairs(depth) : undefined;
  }

  const value = read(0);
  skip();
  return value && at === text.length ? value : undefined;
}
