import type { Span } from '../../../network';
import type { SyntaxNode } from '../syntax';
import { field } from '../syntax';
import { asNumber, bind, hashKey, list, type Scope, unknown, type Value } from '../values';
import { classAttribute } from './classes';
import type { Evaluation } from './evaluation';
import { subscriptIndex } from './expressions';
import { sliceIndices } from './indexing';

/** Assigns to a name, an attribute, an element, or to several by unpacking. */
export function assignTo(target: SyntaxNode, value: Value, scope: Scope, run: Evaluation): void {
  switch (target.type) {
    case 'identifier':
      if (value.type === 'record') value.names.push(target.text);
      bind(scope, target.text, value);
      return;
    case 'attribute': {
      const object = run.evaluate(field(target, 'object')!, scope);
      const name = field(target, 'attribute')!.text;
      if (value.type === 'record') value.names.push(name);
      run.setAttribute(object, name, value, run.span(target));
      return;
    }
    case 'subscript':
      assignElement(target, value, scope, run);
      return;
    case 'pattern_list':
    case 'tuple_pattern':
    case 'list_pattern':
    case 'expression_list':
    case 'tuple':
    case 'list':
      unpack(target, value, scope, run);
      return;
    case 'parenthesized_expression':
    case 'as_pattern_target':
    case 'list_splat_pattern':
      if (target.children[0]) assignTo(target.children[0], value, scope, run);
      return;
    default:
      run.unmodelled(target.text, 'assigning to this is not modelled', run.span(target));
  }
}

function unpack(target: SyntaxNode, value: Value, scope: Scope, run: Evaluation): void {
  const targets = target.children;
  const site = run.span(target);
  const items = run.iterate(value, site);
  if (!items) {
    const each =
      value.type === 'unknown' ? value : unknown(`what is unpacked into '${target.text}' is not known`, site);
    if (value.type !== 'unknown') run.note(each);
    for (const inner of targets) assignTo(inner, each, scope, run);
    return;
  }
  const star = targets.findIndex((inner) => /splat/.test(inner.type));
  if (star < 0) {
    if (items.length !== targets.length) {
      const what = items.length > targets.length ? 'too many' : 'not enough';
      const got = items.length > targets.length ? '' : `, got ${items.length}`;
      run.raise('ValueError', `${what} values to unpack (expected ${targets.length}${got})`, site);
    }
    targets.forEach((inner, i) => {
      assignTo(inner, items[i]!, scope, run);
    });
    return;
  }
  const after = targets.length - star - 1;
  if (items.length < targets.length - 1) {
    run.raise(
      'ValueError',
      `not enough values to unpack (expected at least ${targets.length - 1}, got ${items.length})`,
      site,
    );
  }
  targets.forEach((inner, i) => {
    if (i < star) assignTo(inner, items[i]!, scope, run);
    else if (i > star) assignTo(inner, items[items.length - after + (i - star - 1)]!, scope, run);
    else assignTo(inner, list(items.slice(star, items.length - after)), scope, run);
  });
}

function assignElement(target: SyntaxNode, value: Value, scope: Scope, run: Evaluation): void {
  const object = run.evaluate(field(target, 'value')!, scope);
  const index = subscriptIndex(target, scope, run);
  const site = run.span(target);
  if (object.type === 'instance' && object.held && object.held.type !== 'tensor') {
    const own = classAttribute(object.class, '__setitem__');
    if (own?.type === 'function' || own?.type === 'builtin')
      run.call(
        { type: 'method', receiver: object, callee: own },
        { positional: [index, value], keywords: new Map() },
        site,
      );
    else setElement(object.held, index, value, site, target.text, run);
    return;
  }
  setElement(object, index, value, site, target.text, run);
}

/** `object[index] = value`. */
function setElement(object: Value, index: Value, value: Value, site: Span, text: string, run: Evaluation): void {
  if (object.type === 'dict') {
    const key = hashKey(index);
    if (key !== undefined) object.entries.set(key, { key: object.entries.get(key)?.key ?? index, value });
    else run.unmodelled(text, 'the key is not known', site);
    return;
  }
  if (object.type === 'list') {
    if (index.type === 'slice') {
      const indices = sliceIndices(index, object.items.length);
      const items = run.iterate(value, site);
      if (indices && items && index.step.type === 'none')
        object.items.splice(indices[0] ?? object.items.length, indices.length, ...items);
      else if (indices && items && indices.length === items.length)
        indices.forEach((at, i) => {
          object.items[at] = items[i]!;
        });
      else run.unmodelled(text, 'the slice is not known', site);
      return;
    }
    const number = asNumber(index);
    if (number === undefined) {
      run.unmodelled(text, 'the index is not known', site);
      return;
    }
    const at = number < 0 ? object.items.length + number : number;
    if (at < 0 || at >= object.items.length) run.raise('IndexError', 'list assignment index out of range', site);
    object.items[at] = value;
    return;
  }
  if (object.type === 'tensor') {
    run.setTensorItem(object, index, value, site);
    return;
  }
  const setter =
    object.type === 'module' || object.type === 'instance' ? run.findAttribute(object, '__setitem__', site) : undefined;
  if (setter) run.call(setter, { positional: [index, value], keywords: new Map() }, site);
  else if (object.type !== 'unknown' && object.type !== 'record' && object.type !== 'library') {
    run.unmodelled(text, 'writing into this is not modelled', site);
  }
}
