import { posix } from 'node:path';
import {
  argument,
  bool,
  type ClassValue,
  type InstanceValue,
  list,
  NONE,
  string,
  type Value,
} from '../../python/values';
import type { SettingsContext } from './context';
import { configurationText } from './files';

/** Under what a path object keeps its text. */
const TEXT = '_text';

/** The text of a path, of pathlib or plain; undefined for anything else. */
export function pathText(value: Value): string | undefined {
  if (value.type === 'string') return value.value;
  const text =
    value.type === 'instance' && value.class.path === 'pathlib.Path' ? value.attributes.get(TEXT) : undefined;
  return text?.type === 'string' ? text.value : undefined;
}

/** `dirname`: empty for a name alone. */
const folderOf = (text: string): string => (text.includes('/') ? posix.dirname(text) : '');

/** `pathlib.Path`. */
export function pathClass({ run, makeClass }: SettingsContext): ClassValue {
  const made = (text: string): InstanceValue => ({
    type: 'instance',
    class: of,
    attributes: new Map<string, Value>([
      [TEXT, string(text)],
      ['name', string(posix.basename(text))],
      ['stem', string(posix.parse(text).name)],
      ['suffix', string(posix.extname(text))],
    ]),
  });
  const text = (value: Value | undefined): string => (value && pathText(value)) ?? '';
  const joined = (parts: readonly Value[]): InstanceValue =>
    made(posix.join(...parts.map(text).filter((part) => part !== ''), ''));
  const same = (args: { readonly positional: readonly Value[] }): Value =>
    argument({ ...args, keywords: new Map() }, 0);
  const of: ClassValue = makeClass(
    'pathlib.Path',
    [],
    {
      __truediv__: (args) => joined(args.positional),
      joinpath: (args) => joined(args.positional),
      with_suffix: (args) => {
        const { dir, name } = posix.parse(text(args.positional[0]));
        return made(posix.join(dir, `${name}${text(args.positional[1])}`));
      },
      with_name: (args) => made(posix.join(folderOf(text(args.positional[0])), text(args.positional[1]))),
      resolve: same,
      absolute: same,
      expanduser: same,
      mkdir: () => NONE,
      exists: (args, site) => bool(typeof configurationText(argument(args, 0), site, run) === 'string'),
      as_posix: (args) => string(text(args.positional[0])),
      __str__: (args) => string(text(args.positional[0])),
      __fspath__: (args) => string(text(args.positional[0])),
      open: (args, site) => run.call(run.pythonName('open')!, args, site),
      read_text: (args, site) => {
        const found = configurationText(argument(args, 0), site, run);
        return typeof found === 'string' ? string(found) : found;
      },
      glob: () => list([]),
    },
    (args) => joined(args.positional),
  );
  of.attributes.set('parent', {
    type: 'property',
    getter: { type: 'builtin', name: 'parent', call: (args) => made(folderOf(text(args.positional[0]))) },
  });
  return of;
}
