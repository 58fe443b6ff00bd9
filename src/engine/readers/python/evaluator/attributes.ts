import type { Span } from '../../../network';
import { computedAttribute } from '../modules/computedTensor';
import { setLayerAttribute, valueOfAttribute } from '../modules/layer';
import { childAttribute, setModuleAttribute } from '../modules/moduleValue';
import { type ClassValue, dict, NONE, repr, string, typeName, unknown, type Value } from '../values';
import { classAttribute } from './classes';
import type { Evaluation } from './evaluation';

/** What a class attribute is when it is reached through an object. */
function bindTo(receiver: Value, attribute: Value, run: Evaluation, site: Span, ofClass: ClassValue): Value {
  switch (attribute.type) {
    case 'function':
    case 'builtin':
      return { type: 'method', receiver, callee: attribute };
    case 'property':
      return run.call(attribute.getter, { positional: [receiver], keywords: new Map() }, site);
    case 'staticmethod':
      return attribute.callee;
    case 'classmethod':
      return attribute.callee.type === 'function' || attribute.callee.type === 'builtin'
        ? { type: 'method', receiver: ofClass, callee: attribute.callee }
        : attribute.callee;
    default:
      return attribute;
  }
}

/** `value.name`; undefined where Python would raise AttributeError. */
export function findAttribute(value: Value, name: string, site: Span, run: Evaluation): Value | undefined {
  switch (value.type) {
    case 'unknown':
      return value;
    case 'record':
      return unknown(`'${value.path}.${name}' is not modelled`, site);
    case 'library':
      return run.library(`${value.path}.${name}`);
    case 'file':
      return run.imports.member(value, name);
    case 'instance': {
      if (name === '__class__') return value.class;
      if (name === '__dict__') return dict([...value.attributes].map(([key, each]) => [string(key), each] as const));
      const own = value.attributes.get(name);
      if (own) return own;
      const inherited = classAttribute(value.class, name);
      if (inherited) return bindTo(value, inherited, run, site, value.class);
      return value.class.unknownBase && unknown(`${value.class.name}.${name}: ${value.class.unknownBase.why}`, site);
    }
    case 'module': {
      if (name === '__class__') return value.class;
      if (name === 'training') return { type: 'bool', value: value.training, ...(value.training && { byMode: true }) };
      const own =
        value.attributes.get(name) ?? childAttribute(value, name) ?? computedAttribute(value, name, site, run);
      if (own) return own;
      const inherited = classAttribute(value.class, name);
      if (inherited) return bindTo(value, inherited, run, site, value.class);
      if (value.layer && Object.hasOwn(value.layer.attributes, name))
        return valueOfAttribute(value.layer.attributes[name]!);
      if (value.opaque) return value.opaque;
      return value.class.unknownBase && unknown(`${value.class.name}.${name}: ${value.class.unknownBase.why}`, site);
    }
    case 'class': {
      if (name === '__name__' || name === '__qualname__') return string(value.name);
      const attribute = classAttribute(value, name);
      if (!attribute) return value.unknownBase;
      if (attribute.type === 'staticmethod' || attribute.type === 'classmethod')
        return bindTo(value, attribute, run, site, value);
      return attribute;
    }
    case 'super': {
      const of = value.receiver.type === 'class' ? value.receiver : value.receiver.class;
      const attribute = classAttribute(of, name, value.after);
      if (attribute) return bindTo(value.receiver, attribute, run, site, of);
      // object's own: nothing to do.
      if (name === '__init__' || name === '__setattr__')
        return of.unknownBase ?? { type: 'builtin', name, call: () => NONE };
      return of.unknownBase;
    }
    case 'function':
    case 'builtin':
      return name === '__name__' || name === '__qualname__' ? string(value.name) : undefined;
    default:
      return run.method(value, name);
  }
}

/** `value.name`, with Python's AttributeError for the file's own objects and an unknown value for what we do not model. */
export function attributeOf(value: Value, name: string, site: Span, run: Evaluation): Value {
  const found = findAttribute(value, name, site, run);
  if (found) return found;
  if (value.type === 'module' || value.type === 'instance') {
    const getter = classAttribute(value.class, '__getattr__');
    if (getter) return run.unmodelled(`${value.class.name}.${name}`, '__getattr__ is not modelled', site);
    const modelled = value.class.resolution.every((base) => !base.path || base.path === 'torch.nn.Module');
    if (modelled && !(value.type === 'module' && run.framework.otherModuleMethods.test(name)))
      return run.raise('AttributeError', `'${value.class.name}' object has no attribute '${name}'`, site);
  }
  if (value.type === 'none' || (value.type === 'class' && !value.path)) {
    const what = value.type === 'class' ? `type object '${value.name}'` : `'NoneType' object`;
    return run.raise('AttributeError', `${what} has no attribute '${name}'`, site);
  }
  const shown = value.type === 'class' ? value.name : typeName(value);
  return run.unmodelled(
    `${shown}.${name}`,
    `this attribute of ${/^[aeiou]/i.test(shown) ? 'an' : 'a'} ${shown} is not modelled`,
    site,
  );
}

/** `value.name = given`. */
export function setAttributeOf(value: Value, name: string, given: Value, site: Span, run: Evaluation): void {
  switch (value.type) {
    case 'module':
      if (!setLayerAttribute(value, name, given)) setModuleAttribute(value, name, given, site, run);
      return;
    case 'instance':
      value.attributes.set(name, given);
      return;
    case 'class':
      value.attributes.set(name, given);
      return;
    case 'tensor':
      if (value.place.kind === 'stored' && name === 'requires_grad' && given.type === 'bool')
        value.place.tensor.trainable = given.value;
      else if (name !== 'data' && name !== 'grad')
        run.unmodelled(`${name} = ${repr(given)}`, 'this attribute of a tensor is not modelled', site);
      return;
    case 'unknown':
    case 'record':
    case 'library':
    case 'file':
    case 'function':
      return;
    default:
      run.unmodelled(`.${name} =`, `attributes of ${typeName(value)} cannot be set here`, site);
  }
}
