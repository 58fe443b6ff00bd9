import { argument, NONE, repr, str, string, tuple, type Value } from '../values';
import type { BuiltinTable } from './row';

/** Python's own exceptions by name, each with the one that it is a kind of. */
const BASES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    BaseException: 'Exception KeyboardInterrupt SystemExit GeneratorExit',
    Exception:
      'ArithmeticError AssertionError AttributeError BufferError EOFError ImportError LookupError MemoryError NameError OSError ReferenceError RuntimeError StopIteration StopAsyncIteration SyntaxError SystemError TypeError ValueError Warning',
    ArithmeticError: 'FloatingPointError OverflowError ZeroDivisionError',
    ImportError: 'ModuleNotFoundError',
    LookupError: 'IndexError KeyError',
    NameError: 'UnboundLocalError',
    OSError:
      'BlockingIOError ChildProcessError ConnectionError FileExistsError FileNotFoundError InterruptedError IsADirectoryError NotADirectoryError PermissionError TimeoutError',
    ConnectionError: 'BrokenPipeError ConnectionAbortedError ConnectionRefusedError ConnectionResetError',
    RuntimeError: 'NotImplementedError RecursionError',
    SyntaxError: 'IndentationError',
    ValueError: 'UnicodeError',
    AttributeError: 'FrozenInstanceError',
    UnicodeError: 'UnicodeDecodeError UnicodeEncodeError',
    Warning:
      'BytesWarning DeprecationWarning FutureWarning ImportWarning PendingDeprecationWarning ResourceWarning RuntimeWarning SyntaxWarning UnicodeWarning UserWarning',
  }).flatMap(([base, names]) => names.split(' ').map((name) => [name, base])),
);

/** The exception that one of Python's own is a kind of; null for the first of all, undefined for what is no exception. */
export const exceptionBase = (name: string): string | null | undefined =>
  name === 'BaseException' ? null : Object.hasOwn(BASES, name) ? BASES[name] : undefined;

/** What an exception says, by what it was made of. */
function said(self: Value): string {
  const given = self.type === 'instance' ? self.attributes.get('args') : undefined;
  if (given?.type !== 'tuple' || given.items.length === 0) return '';
  return given.items.length === 1 ? str(given.items[0]!) : repr(given);
}

/** What every exception has. */
export const exceptionMethods: BuiltinTable = {
  __init__(args) {
    const [self, ...rest] = args.positional;
    if (self?.type === 'instance') self.attributes.set('args', tuple(rest));
    return NONE;
  },
  __str__: (args) => string(said(argument(args, 0))),
  __repr__: (args) => {
    const self = argument(args, 0);
    const given = self.type === 'instance' ? self.attributes.get('args') : undefined;
    const shown = given?.type === 'tuple' ? given.items.map((each) => repr(each)).join(', ') : '';
    return string(`${self.type === 'instance' ? self.class.name : 'Exception'}(${shown})`);
  },
  with_traceback: (args) => argument(args, 0),
  add_note: () => NONE,
};
