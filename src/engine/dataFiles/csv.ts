import { type DataArray, refuseData } from './array';

const SEPARATORS = [',', ';', '\t'] as const;
/** A number as people and programs write it; what stands for a missing one is no number here. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const MISSING = /^(nan|na|n\/a|null|none|\?)?$/i;

const unquoted = (field: string): string =>
  field
    .trim()
    .replace(/^"(.*)"$/s, '$1')
    .trim();

/** A table of numbers [rows, columns] with the names of its columns, where the first line has them. */
export interface Table {
  readonly array: DataArray;
  readonly columns?: readonly string[];
}

/**
 * Reads a table of numbers: separated by commas, semicolons or tabs, as its first line has them; that line may name the
 * columns.
 * @throws InputError with the line and column of what is no number.
 */
export function parseCsv(text: string, place: string): Table {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
  const [first] = lines;
  if (first === undefined) return refuseData(place, 'the table is empty', 'give a line for each sample');
  const separator = SEPARATORS.reduce((a, b) => (first.split(b).length > first.split(a).length ? b : a));
  const fieldsOf = (line: string): string[] => line.split(separator).map(unquoted);
  const head = fieldsOf(first);
  const named = head.some((field) => !NUMBER.test(field) && !MISSING.test(field));
  const rows = lines.length - (named ? 1 : 0);
  const values = new Float64Array(rows * head.length);
  for (let row = 0; row < rows; row++) {
    const number = row + (named ? 2 : 1);
    const fields = fieldsOf(lines[number - 1]!);
    if (fields.length !== head.length) {
      const counts = `${fields.length} values, and the first has ${head.length}`;
      refuseData(`${place}:${number}`, `this line has ${counts}`, 'give every line as many');
    }
    fields.forEach((field, column) => {
      if (!NUMBER.test(field)) refuseField(`${place}:${number}`, field, named ? head[column]! : `${column + 1}`);
      values[row * head.length + column] = Number(field);
    });
  }
  const array = { place, shape: [rows, head.length], values };
  return named ? { array, columns: head } : { array };
}

function refuseField(place: string, field: string, column: string): never {
  const shown = field.length > 40 ? `${field.slice(0, 40)}…` : field;
  if (MISSING.test(field)) refuseData(place, `column ${column} has no value`, 'fill it, or leave the line out');
  return refuseData(
    place,
    `column ${column} holds '${shown}', which is no number`,
    'write numbers; classes as 0, 1, 2, …',
  );
}

/** Some columns of a table as an array of their own; one alone has no axis of columns. */
export function columnsOf({ array }: Table, chosen: readonly number[], name: string): DataArray {
  const [rows, columns] = array.shape as readonly [number, number];
  const values = new Float64Array(rows * chosen.length);
  for (let row = 0; row < rows; row++) {
    chosen.forEach((column, i) => {
      values[row * chosen.length + i] = (array.values as Float64Array)[row * columns + column]!;
    });
  }
  return { place: array.place, name, shape: chosen.length === 1 ? [rows] : [rows, chosen.length], values };
}
