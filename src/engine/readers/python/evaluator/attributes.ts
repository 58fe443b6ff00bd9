import type { Span } from '../../../network';
import { computedAttribute } from '../modules/computedTensor';
import { setLayerAttribute, valueOfAttribute } from '../modules/layer';
import { childAttribute, setModuleAttribute } from '../modules/moduleValue';
import {
  asNumber,
  type ClassValue,
  type DictValue,
  dict,
  type FunctionValue,
  hashKey,
  type InstanceValue,
  int,
  NONE,
  positional,
  repr,
  type SliceValue,
  string,
  type TensorValue,
  tuple,
  typeName,
  unknown,
  type Value,
} from '../values';
import { classAttribute, moduleName } from './classes';
import type { Evaluation } from './evaluation';
import { sliceIndices } from './indexing';
import { liveAttributes, liveTable } from './liveAttributes';
import { ofMetaclass } from './metaclasses';
import { special } from './ownOperators';
import { PythonError } from './pythonError';

/** What a class attribute is when it is reached through an object. */
function bindTo(receiver: Value, attribute: Value, run: Evaluation, site: Span, ofClass: ClassValue): Value {
  switch (attribute.type) {
    case 'function':
    case 'builtin':
      return { type: 'method', receiver, callee: attribute };
    case 'property':
      return run.call(attribute.getter, positional(attribute.ofClass ? ofClass : receiver), site);
    case 'staticmethod':
      return attribute.callee;
    case 'classmethod':
      return attribute.callee.type === 'function' || attribute.callee.type === 'builtin'
        ? { type: 'method', receiver: ofClass, callee: attribute.callee }
        : attribute.callee;
    default: {
      const getter = special(attribute, '__get__');
      return getter ? run.call(getter, positional(receiver, ofClass), site) : attribute;
    }
  }
}

/** `value.name`; undefined where Python would raise AttributeError. */
export function findAttribute(value: Value, name: string, site: Span, run: Evaluation): Value | undefined {
  const own =
    value.type === 'instance' && !/^__\w+__$/.test(name) ? classAttribute(value.class, '__getattribute__') : undefined;
  if (own?.type === 'function')
    return orMissing(
      () => run.call({ type: 'method', receiver: value, callee: own }, positional(string(name)), site),
      run,
    );
  const found = plainAttribute(value, name, site, run);
  if (found || (value.type !== 'instance' && value.type !== 'module') || /^__\w+__$/.test(name)) return found;
  const getter = classAttribute(value.class, '__getattr__');
  if (getter?.type !== 'function' && getter?.type !== 'builtin') return undefined;
  return orMissing(
    () => run.call({ type: 'method', receiver: value, callee: getter }, positional(string(name)), site),
    run,
  );
}

/** What an attribute's own code gives; undefined where it raises AttributeError. */
export function orMissing(get: () => Value | undefined, run: Evaluation): Value | undefined {
  // As in `try`: the error must reach here, also where the script around the model runs.
  run.tryDepth++;
  try {
    return get();
  } catch (error) {
    if (error instanceof PythonError && error.kind === 'AttributeError') return undefined;
    throw error;
  } finally {
    run.tryDepth--;
  }
}

/** The attribute without the help of `__getattr__`. */
function plainAttribute(value: Value, name: string, site: Span, run: Evaluation): Value | undefined {
  switch (value.type) {
    case 'unknown':
      return value;
    case 'record':
      return run.method(value, name) ?? unknown(`'${value.path}.${name}' is not modelled`, site);
    case 'library':
      // Its names by their text are asked for as its attributes are.
      return name === '__dict__' ? value : run.library(`${value.path}.${name}`);
    case 'file':
      return name === '__dict__' ? value : run.imports.member(value, name);
    case 'instance': {
      if (name === '__class__') return value.class;
      if (name === '__dict__' && value.attributes.get(name) === undefined) return liveAttributes(value.attributes);
      const own = value.attributes.get(name);
      // `self.__dict__ = self`, below dict.
      const listed = isOwnDictionary(value) ? value.held.entries.get(hashKey(string(name))!)?.value : undefined;
      if (listed) return listed;
      const inherited = own && value.class.source === undefined ? undefined : classAttribute(value.class, name);
      if (own && !(inherited && special(inherited, '__set__'))) return own;
      if (inherited) return bindTo(value, inherited, run, site, value.class);
      const plain = value.member?.plain ? value.member.value : value.held;
      const held = plain && findAttribute(plain, name, site, run);
      if (held) return held;
      return value.class.unknownBase && unknown(`${value.class.name}.${name}: ${value.class.unknownBase.why}`, site);
    }
    case 'tensor': {
      const mark = value.place.kind === 'stored' ? value.place.tensor.marks?.get(name) : undefined;
      return mark ?? run.method(value, name);
    }
    case 'tuple': {
      const at = value.names?.indexOf(name) ?? -1;
      if (at >= 0) return value.items[at];
      const inherited = value.class && classAttribute(value.class, name);
      return inherited ? bindTo(value, inherited, run, site, value.class!) : run.method(value, name);
    }
    case 'module': {
      if (name === '__class__') return value.class;
      if (name === '__dict__') return liveAttributes(value.attributes);
      if (name === '__setattr__' && classAttribute(value.class, name)?.type !== 'function')
        return {
          type: 'builtin',
          name,
          call: ({ positional: [key, given = NONE] }, at) => {
            if (key?.type === 'string') run.setAttribute(value, key.value, given, at);
            return NONE;
          },
        };
      const table = liveTable(value, name);
      if (table) return table;
      if (name === 'training') return { type: 'bool', value: value.training, ...(value.training && { byMode: true }) };
      const own =
        value.attributes.get(name) ?? childAttribute(value, name) ?? computedAttribute(value, name, site, run);
      if (own) return own;
      const inherited = classAttribute(value.class, name);
      if (inherited) return bindTo(value, inherited, run, site, value.class);
      if (value.layer && Object.hasOwn(value.layer.attributes, name))
        return valueOfAttribute(value.layer.attributes[name]!);
      if (value.wrapped && (name === 'module' || name === '_orig_mod')) return value;
      if (value.opaque) return value.opaque;
      return value.class.unknownBase && unknown(`${value.class.name}.${name}: ${value.class.unknownBase.why}`, site);
    }
    case 'class': {
      if (name === '__name__' || name === '__qualname__') return string(value.name);
      if (name === '__mro__') return tuple([...value.resolution, run.pythonName('object') ?? NONE]);
      if (name === '__class__') return value.meta ?? run.pythonName('type') ?? NONE;
      if (name === '__subclasses__')
        return { type: 'builtin', name, call: () => ({ type: 'list', items: [...(value.derived ?? [])] }) };
      if (name === 'mro')
        return { type: 'builtin', name, call: () => ({ type: 'list', items: [...value.resolution] }) };
      if (name === '__bases__') return tuple(value.resolution.slice(1, 2));
      const attribute = classAttribute(value, name);
      if (!attribute) {
        if (name === '__members__' || name === '_member_map_') return enumeration(value);
        if (name === '__doc__') return NONE;
        // object's own: nothing to do.
        if (name === '__init__' && !value.path) return value.unknownBase ?? { type: 'builtin', name, call: () => NONE };
        if (name === '__dict__') return dict([...value.attributes].map(([key, each]) => [string(key), each] as const));
        if (name === '__dataclass_fields__' && value.fields)
          return dict(value.fields.map((each) => [string(each.name), each.fallback ?? NONE] as const));
        const ofMeta = value.meta && classAttribute(value.meta, name);
        if (ofMeta) return bindTo(value, ofMeta, run, site, value.meta!);
        const ofObject = value.path === 'builtins.object' ? objectMethod(name, run) : undefined;
        if (ofObject) return ofObject;
        // `nn.SyncBatchNorm.convert_sync_batchnorm`: a function of the library's, by its full name.
        const known = value.path === undefined ? undefined : run.library(`${value.path}.${name}`);
        return known && known.type !== 'library' ? known : value.unknownBase;
      }
      if (attribute.type === 'staticmethod' || attribute.type === 'classmethod')
        return bindTo(value, attribute, run, site, value);
      const getter = special(attribute, '__get__');
      return getter ? run.call(getter, positional(NONE, value), site) : attribute;
    }
    case 'super': {
      // Inside of a metaclass: the object is a class.
      const known = value.receiver.type === 'class' ? ofMetaclass(value.receiver, value.after, name, run) : undefined;
      if (known) return known;
      const of = value.receiver.type === 'class' ? value.receiver : value.receiver.class;
      const attribute = classAttribute(of, name, value.after);
      if (attribute) return bindTo(value.receiver, attribute, run, site, of);
      if (name === '__new__' && of)
        return {
          type: 'builtin',
          name,
          call: (args) => newObject(args.positional[0] ?? of, args.positional.slice(1), run, site),
        };
      const held = value.receiver.type === 'instance' ? value.receiver.held : undefined;
      const receiver = value.receiver;
      if (held && name === '__init__' && receiver.type === 'instance') {
        const maker = of.resolution.find((base) => base.construct);
        return {
          type: 'builtin',
          name,
          call: (args, at) => {
            if (maker) receiver.held = maker.construct!(args, at);
            return NONE;
          },
        };
      }
      if (held && name === '__getitem__')
        return { type: 'builtin', name, call: (args, at) => run.subscript(held, args.positional[0] ?? NONE, at) };
      if (held && name === '__setitem__' && held.type === 'dict')
        return {
          type: 'builtin',
          name,
          call: (args) => {
            const [key = NONE, given = NONE] = args.positional;
            held.entries.set(hashKey(key) ?? '', { key, value: given });
            return NONE;
          },
        };
      const inner = held && findAttribute(held, name, site, run);
      if (inner) return inner;
      if (name === '__getattribute__')
        return {
          type: 'builtin',
          name,
          call: (args, at) => {
            const [key] = args.positional;
            if (key?.type !== 'string') return unknown('the name of an attribute is not known', at);
            return (
              plainAttribute(receiver, key.value, at, run) ??
              run.raise('AttributeError', `'${of.name}' object has no attribute '${key.value}'`, at)
            );
          },
        };
      if (name === '__delattr__')
        return {
          type: 'builtin',
          name,
          call: (args) => {
            const [key] = args.positional;
            if (key?.type === 'string' && receiver.type !== 'class') receiver.attributes.delete(key.value);
            return NONE;
          },
        };
      if (name === '__setattr__')
        return {
          type: 'builtin',
          name,
          call: (args, at) => {
            const [key, given = NONE] = args.positional;
            if (key?.type === 'string') setOwn(receiver, key.value, given, at, run);
            return NONE;
          },
        };
      // object's own: nothing to do.
      if (name === '__init__' || name === '__post_init__' || name === '__init_subclass__')
        return of.unknownBase ?? { type: 'builtin', name, call: () => NONE };
      return of.unknownBase;
    }
    case 'function':
      return functionAttribute(value, name);
    case 'builtin': {
      const { partial } = value;
      if (partial && name === 'func') return partial.callee;
      if (partial && name === 'args') return tuple(partial.args.positional);
      if (partial && name === 'keywords')
        return dict([...partial.args.keywords].map(([key, each]) => [string(key), each] as const));
      if (partial) return undefined;
      if (name === '__name__' || name === '__qualname__') return string(value.name.split('.').at(-1)!);
      return functionBelow(value.name, name, run);
    }
    case 'method':
      if (name === '__self__') return value.receiver;
      if (name === '__func__') return value.callee;
      return value.callee.type === 'function' ? functionAttribute(value.callee, name) : undefined;
    case 'slice':
      return sliceAttribute(value, name);
    default:
      return run.method(value, name);
  }
}

/** `start`, `stop`, `step` and `indices(length)` of a slice. */
function sliceAttribute(value: SliceValue, name: string): Value | undefined {
  if (name === 'start' || name === 'stop' || name === 'step') return value[name];
  if (name !== 'indices') return undefined;
  return {
    type: 'builtin',
    name,
    call: (args) => {
      const length = asNumber(args.positional[0] ?? NONE) ?? 0;
      const taken = sliceIndices(value, length) ?? [];
      const step = asNumber(value.step) ?? 1;
      const start = taken[0] ?? (step < 0 ? length - 1 : 0);
      return tuple([start, taken.length > 0 ? taken.at(-1)! + step : start, step].map(int));
    },
  };
}

/** A function that is an attribute of another: `itertools.chain.from_iterable`. */
function functionBelow(of: string, name: string, run: Evaluation): Value | undefined {
  const found = of.includes('.') ? run.library(`${of}.${name}`) : undefined;
  return found?.type === 'builtin' ? found : undefined;
}
/** Whether an object below dict is the dictionary of its own attributes. */
const isOwnDictionary = (value: InstanceValue): value is InstanceValue & { held: DictValue } =>
  value.held?.type === 'dict' && value.attributes.get('__dict__') === value;

/** What a function of a file says of itself, and what the file set on it. */
function functionAttribute(value: FunctionValue, name: string): Value | undefined {
  const given = value.attributes?.get(name);
  if (given) return given;
  if (name === '__name__') return string(value.name);
  if (name === '__qualname__') return string(value.owner ? `${value.owner.name}.${value.name}` : value.name);
  if (name === '__module__') return string(moduleName(value.scope));
  return name === '__doc__' ? NONE : undefined;
}

/** An enumeration's members by name. */
const enumeration = (of: ClassValue): Value =>
  dict(
    [...of.attributes].flatMap(([name, each]) =>
      each.type === 'instance' && each.member ? [[string(name), each] as const] : [],
    ),
  );

/** `object.__new__(cls)`: an object that no constructor has run for. */
function newObject(of: Value, given: readonly Value[], run: Evaluation, site: Span): Value {
  if (of.type !== 'class') return unknown('the class of a new object is not known', site);
  if (of.resolution.some(({ path }) => path !== undefined && run.framework.moduleBases.includes(path)))
    return run.unmodelled('__new__', 'making a module by __new__ is not modelled', site);
  const held = of.resolution.find((base) => base.construct)?.construct?.(positional(...given), site);
  return { type: 'instance', class: of, attributes: new Map(), ...(held && { held }) };
}

/** What `object` itself does, asked for by its name: past whatever the object's class says. */
function objectMethod(name: string, run: Evaluation): Value | undefined {
  const row = (call: (args: readonly Value[], site: Span) => Value): Value => ({
    type: 'builtin',
    name,
    call: ({ positional: given }, site) => call(given, site),
  });
  switch (name) {
    case '__setattr__':
      return row(([of, key, given = NONE], site) => {
        if (of?.type === 'instance' && key?.type === 'string') of.attributes.set(key.value, given);
        else if (of && key?.type === 'string') setOwn(of, key.value, given, site, run);
        return NONE;
      });
    case '__delattr__':
      return row(([of, key]) => {
        if (of?.type === 'instance' && key?.type === 'string') of.attributes.delete(key.value);
        return NONE;
      });
    case '__getattribute__':
      return row(([of = NONE, key], site) =>
        key?.type === 'string'
          ? (plainAttribute(of, key.value, site, run) ??
            run.raise('AttributeError', `object has no attribute '${key.value}'`, site))
          : unknown('the name of an attribute is not known', site),
      );
    case '__new__':
      return row(([of = NONE, ...rest], site) => newObject(of, rest, run, site));
    case '__init__':
      return row(() => NONE);
    default:
      return undefined;
  }
}

/** `object.__setattr__`: by the class's property, else into the object. */
function setOwn(value: Value, name: string, given: Value, site: Span, run: Evaluation): void {
  if (value.type === 'module') {
    if (!setLayerAttribute(value, name, given)) setModuleAttribute(value, name, given, site, run);
    return;
  }
  if (value.type !== 'instance') return;
  if (value.class.frozen) run.raise('FrozenInstanceError', `cannot assign to field '${name}'`, site);
  if (isOwnDictionary(value)) {
    value.held.entries.set(hashKey(string(name))!, { key: string(name), value: given });
    return;
  }
  const property = classAttribute(value.class, name);
  const setter = property && special(property, '__set__');
  if (property?.type === 'property' && property.setter) run.call(property.setter, positional(value, given), site);
  else if (property?.type === 'property' && value.class.source && !property.cached)
    run.raise('AttributeError', `property '${name}' of '${value.class.name}' object has no setter`, site);
  else if (setter) run.call(setter, positional(value, given), site);
  else value.attributes.set(name, given);
}

/** `value.name`, with Python's AttributeError for the file's own objects and an unknown value for what we do not model. */
export function attributeOf(value: Value, name: string, site: Span, run: Evaluation): Value {
  const found = findAttribute(value, name, site, run);
  if (found) return found;
  if (value.type === 'module' || value.type === 'instance') {
    const modelled = value.class.resolution.every(({ path }) => !path || run.framework.moduleBases.includes(path));
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

/** A parameter is given itself: on another device, or in another layout. */
const sameValues = ({ place }: TensorValue, { place: from }: TensorValue): boolean =>
  place === from || (place.kind === 'stored' && from.kind === 'stored' && place.tensor === from.tensor);

/** `value.name = given`. */
export function setAttributeOf(value: Value, name: string, given: Value, site: Span, run: Evaluation): void {
  switch (value.type) {
    case 'module': {
      if (run.framework.setAttribute?.(value, name, given)) return;
      const property = classAttribute(value.class, name);
      if (property?.type === 'property' && property.setter) run.call(property.setter, positional(value, given), site);
      else if (!setLayerAttribute(value, name, given)) setModuleAttribute(value, name, given, site, run);
      return;
    }
    case 'instance': {
      const own = classAttribute(value.class, '__setattr__');
      if (own?.type === 'function' || own?.type === 'builtin')
        run.call({ type: 'method', receiver: value, callee: own }, positional(string(name), given), site);
      else setOwn(value, name, given, site, run);
      return;
    }
    case 'class':
      value.attributes.set(name, given);
      if (given.type === 'function') given.owner ??= value;
      return;
    case 'tensor':
      if (value.place.kind === 'stored' && name === 'requires_grad' && given.type === 'bool')
        value.place.tensor.trainable = given.value;
      else if (name === 'data' && given.type === 'tensor' && !run.trace && !sameValues(value, given))
        run.call(run.attribute(value, 'set_', site), positional(given), site);
      else if (name === 'real' || name === 'imag')
        run.unmodelled(`${name} = ${repr(given)}`, 'this attribute of a tensor is not modelled', site);
      // Any other name is a mark that somebody leaves on it: `_no_weight_decay`, `_no_reinit`.
      else if (value.place.kind === 'stored' && name !== 'data' && name !== 'grad') {
        value.place.tensor.marks ??= new Map();
        value.place.tensor.marks.set(name, given);
      }
      return;
    case 'unknown':
    case 'record':
    case 'library':
      return;
    case 'file':
      value.scope.names.set(name, given);
      return;
    case 'function':
      value.attributes ??= new Map();
      value.attributes.set(name, given);
      return;
    case 'builtin':
    case 'method':
      return;
    default:
      run.unmodelled(`.${name} =`, `attributes of ${typeName(value)} cannot be set here`, site);
  }
}
