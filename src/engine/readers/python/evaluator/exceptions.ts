import type { Span } from '../../../network';
import { type ClassValue, type InstanceValue, NONE, positional, string, tuple, unknown, type Value } from '../values';
import { classAttribute } from './classes';
import type { Evaluation } from './evaluation';
import { PythonError } from './pythonError';

/** The class of an exception: its object's, or Python's own of that name; undefined for a library's. */
function classOf(error: PythonError, run: Evaluation): ClassValue | undefined {
  if (error.value?.type === 'instance') return error.value.class;
  const named = run.pythonName(error.kind);
  return named?.type === 'class' ? named : undefined;
}

/** The object that `except … as error` names. */
export function exceptionValue(error: PythonError, run: Evaluation): Value {
  if (error.value) return error.value;
  const of = classOf(error, run);
  if (!of) return unknown(`an exception: ${error.message}`, error.source);
  const text = error.text === '' ? [] : [string(error.text)];
  const made: InstanceValue = { type: 'instance', class: of, attributes: new Map([['args', tuple(text)]]) };
  error.value = made;
  errors.set(made, error);
  return made;
}

/** The exception that was raised with an object, so that `raise error` raises it again and keeps its place. */
const errors = new WeakMap<InstanceValue, PythonError>();

/** Raises what `raise value` raises; undefined where the value is no exception that is known. */
export function raiseValue(given: Value, cause: Value | undefined, site: Span, run: Evaluation): undefined {
  const value = given.type === 'class' && isException(given) ? run.call(given, positional(), site) : given;
  if (value.type !== 'instance' || !isException(value.class)) return undefined;
  const before = errors.get(value);
  if (before) throw before;
  const method = classAttribute(value.class, '__str__');
  const text =
    method?.type === 'function' || method?.type === 'builtin'
      ? run.call({ type: 'method', receiver: value, callee: method }, positional(), site)
      : NONE;
  const error = new PythonError(value.class.name, text.type === 'string' ? text.value : '', site, run.strict());
  error.value = value;
  errors.set(value, error);
  value.attributes.set('__cause__', cause ?? NONE);
  throw error;
}

const isException = (of: ClassValue): boolean => of.resolution.some(({ path }) => path === 'builtins.BaseException');

/** Whether a handler of `except caught:` takes an error; one without takes all. */
export function takes(caught: Value | undefined, error: PythonError, run: Evaluation): boolean {
  if (!caught) return true;
  if (caught.type === 'tuple' || caught.type === 'list') return caught.items.some((each) => takes(each, error, run));
  const of = classOf(error, run);
  if (caught.type === 'class') {
    if (of) return of.resolution.includes(caught);
    // An exception of a library's: it is an Exception.
    return caught.name === error.kind || /^(Base)?Exception$/.test(caught.name);
  }
  return caught.type === 'library' && caught.path.split('.').at(-1) === error.kind;
}
