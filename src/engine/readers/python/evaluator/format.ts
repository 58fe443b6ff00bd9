import { asNumber, repr, str, type Value } from '../values';
import { checkText } from './budget';

/** `format(value, specifier)` for the common specifiers; undefined for one that the reader does not know. */
export function formatValue(value: Value, specifier: string): string | undefined {
  if (specifier === '') return str(value);
  const match = /^(?:(.)?([<>=^]))?([+ -])?#?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/s.exec(specifier);
  if (!match) return undefined;
  const [, fill, align, sign, zero, width, grouping, precision, kind] = match;
  const number = asNumber(value);
  let text: string;
  if (number === undefined) {
    if (kind && kind !== 's') return undefined;
    text = precision === undefined ? str(value) : str(value).slice(0, Number(precision));
  } else {
    const body = numberText(value, Math.abs(number), kind, precision === undefined ? undefined : Number(precision));
    if (body === undefined) return undefined;
    const [whole, rest] = body.split(/(?=\.)/);
    const grouped = grouping ? whole!.replace(/\B(?=(\d{3})+$)/g, grouping) + (rest ?? '') : body;
    text = (number < 0 ? '-' : sign === '+' || sign === ' ' ? sign : '') + grouped;
  }
  const missing = Math.min(Number(width ?? 0), 1000) - text.length;
  if (missing <= 0) return text;
  const padding = (fill ?? (zero ? '0' : ' ')).repeat(missing);
  const side = align ?? (number === undefined ? '<' : '>');
  if (side === '<') return text + padding;
  if (side === '^') {
    const half = Math.floor(missing / 2);
    return padding.slice(0, half) + text + padding.slice(half);
  }
  return zero && !align && /^[+-]/.test(text) ? text[0] + padding + text.slice(1) : padding + text;
}

function numberText(
  value: Value,
  size: number,
  kind: string | undefined,
  precision: number | undefined,
): string | undefined {
  const digits = precision ?? 6;
  if (digits > 100) return undefined;
  switch (kind) {
    case undefined:
      return precision === undefined
        ? repr(value).replace(/^-/, '')
        : String(Number(size.toPrecision(Math.max(1, precision))));
    case 'd':
    case 'n':
      return value.type === 'float' ? undefined : String(size);
    case 'f':
    case 'F':
      return size.toFixed(digits);
    case 'e':
      return size.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
    case 'g':
      return String(Number(size.toPrecision(Math.max(1, digits)))).replace(/e([+-])(\d)$/, 'e$10$2');
    case 'o':
      return size.toString(8);
    case '%':
      return `${(size * 100).toFixed(digits)}%`;
    case 'x':
      return size.toString(16);
    case 'b':
      return size.toString(2);
    default:
      return undefined;
  }
}

/** `template % values`, for the common conversions; undefined where the reader cannot tell. */
export function percentFormat(template: string, values: readonly Value[]): string | undefined {
  let next = 0;
  let failed = false;
  let length = 0;
  const text = template.replace(
    /%(?:%|(?:\((\w+)\))?([+ 0-]*)(\d+)?(?:\.(\d+))?([sdrfgexi]))/g,
    (whole, name, flags, width, precision, kind) => {
      if (whole === '%%') return '%';
      const [first] = values;
      const named = name && first?.type === 'dict' ? first.entries.get(`s${name}`)?.value : undefined;
      const value = named ?? values[next++];
      if (!value || value.type === 'unknown') {
        failed = true;
        return '';
      }
      const specifier = `${flags.includes('-') ? '<' : kind === 's' && width ? '>' : ''}${flags.includes('0') ? '0' : ''}${width ?? ''}`;
      const rest = kind === 's' ? '' : kind === 'i' ? 'd' : kind;
      const formatted =
        kind === 'r'
          ? repr(value)
          : formatValue(value, specifier + (precision !== undefined ? `.${precision}` : '') + rest);
      if (formatted === undefined) failed = true;
      length += formatted?.length ?? 0;
      checkText(length);
      return formatted ?? '';
    },
  );
  return failed ? undefined : text;
}
