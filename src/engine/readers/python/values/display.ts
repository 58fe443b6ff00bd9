import type { Value } from './value';

/** Python's name for a value's type, for messages. */
export function typeName(value: Value): string {
  switch (value.type) {
    case 'none':
      return 'NoneType';
    case 'string':
      return 'str';
    case 'builtin':
      return 'function';
    case 'class':
      return 'type';
    case 'instance':
    case 'module':
      return value.class.name;
    case 'tensor':
      return 'Tensor';
    case 'dim':
      return 'int';
    case 'library':
    case 'record':
      return value.path;
    case 'file':
      return 'module';
    case 'iterator':
      return 'generator';
    default:
      return value.type;
  }
}

/** A float as Python prints it. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const magnitude = Math.abs(value);
  if (value !== 0 && (magnitude >= 1e16 || magnitude < 1e-4)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** `repr(value)`, as near as the reader needs it. Deep structures are cut off with `…`. */
export function repr(value: Value, depth = 0): string {
  if (depth > 6) return '…';
  const inner = (items: readonly Value[]) => items.map((item) => repr(item, depth + 1)).join(', ');
  switch (value.type) {
    case 'none':
      return 'None';
    case 'ellipsis':
      return 'Ellipsis';
    case 'bool':
      return value.value ? 'True' : 'False';
    case 'int':
      return String(value.value);
    case 'float':
      return floatText(value.value);
    case 'string': {
      const quote = value.value.includes("'") && !value.value.includes('"') ? '"' : "'";
      const escaped = value.value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll(quote, `\\${quote}`);
      return quote + escaped + quote;
    }
    case 'list':
      return `[${inner(value.items)}]`;
    case 'tuple':
      return value.items.length === 1 ? `(${inner(value.items)},)` : `(${inner(value.items)})`;
    case 'set':
      return value.entries.size ? `{${inner([...value.entries.values()])}}` : 'set()';
    case 'dict':
      return `{${[...value.entries.values()].map((e) => `${repr(e.key, depth + 1)}: ${repr(e.value, depth + 1)}`).join(', ')}}`;
    case 'range':
      return value.step === 1
        ? `range(${value.start}, ${value.stop})`
        : `range(${value.start}, ${value.stop}, ${value.step})`;
    case 'dim':
      return value.batch === 1 ? 'batch' : `${value.batch}·batch`;
    case 'class':
      return `<class '${value.path ?? value.name}'>`;
    case 'function':
    case 'builtin':
      return `<function ${value.name}>`;
    case 'library':
    case 'record':
      return value.path;
    case 'instance':
      if (value.member)
        return value.member.plain ? repr(value.member.value) : `${value.class.name}.${value.member.name}`;
      return value.held ? repr(value.held, depth + 1) : `<${value.class.name}>`;
    default:
      return `<${typeName(value)}>`;
  }
}

/** `str(value)`. */
export const str = (value: Value): string => (value.type === 'string' ? value.value : repr(value));
