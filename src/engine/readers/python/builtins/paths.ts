import { argument, string, tuple, type Value } from '../values';
import type { BuiltinRow, BuiltinTable } from './row';

/** A function of a path's text. */
const ofText =
  (compute: (text: string) => Value): BuiltinRow =>
  (args) => {
    const text = argument(args, 0);
    return text.type === 'string' ? compute(text.value) : text;
  };

/** What stands before the last slash of a path, and what behind it. */
const halves = (text: string): [string, string] => {
  const at = text.lastIndexOf('/');
  return [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
};

/** Python's os.path, on texts: nothing is asked of any disk. */
export const paths: BuiltinTable = {
  // A folder of nothing is where the file is.
  'os.path.join': (args) =>
    string(
      args.positional.flatMap((part) => (part.type === 'string' && part.value !== '' ? [part.value] : [])).join('/'),
    ),
  'os.path.abspath': (args) => argument(args, 0),
  'os.path.realpath': (args) => argument(args, 0),
  'os.path.normpath': (args) => argument(args, 0),
  'os.path.expanduser': (args) => argument(args, 0),
  'os.getcwd': () => string(''),
  'os.path.basename': ofText((text) => string(halves(text)[1])),
  'os.path.dirname': ofText((text) => string(halves(text)[0])),
  'os.path.split': ofText((text) => tuple(halves(text).map(string))),
  'os.path.splitext': ofText((text) => {
    const [, stem, extension] = /^(.*?[^/.])(\.[^./]*)?$/.exec(text) ?? [text, text, ''];
    return tuple([string(stem ?? text), string(extension ?? '')]);
  }),
};
