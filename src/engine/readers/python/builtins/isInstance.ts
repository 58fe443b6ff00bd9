import { every, typeName, type Value } from '../values';

/** Full names of the classes that a value of Python's own is an instance of. */
function classPaths(value: Value): readonly string[] {
  switch (value.type) {
    case 'bool':
      return ['builtins.bool', 'builtins.int', 'numbers.Number', 'numbers.Integral', 'numbers.Real'];
    case 'int':
    case 'dim':
      return ['builtins.int', 'numbers.Number', 'numbers.Integral', 'numbers.Real'];
    case 'float':
      return ['builtins.float', 'numbers.Number', 'numbers.Real'];
    case 'string':
    case 'list':
    case 'tuple':
    case 'range':
    case 'set':
    case 'dict': {
      const sequence =
        value.type === 'set'
          ? ['collections.abc.Set']
          : value.type === 'dict'
            ? [
                'collections.OrderedDict',
                'collections.abc.Mapping',
                'typing.Mapping',
                'typing.Dict',
                ...(value.factory ? ['collections.defaultdict'] : []),
              ]
            : ['collections.abc.Sequence', 'typing.Sequence'];
      return [
        ...(value.type === 'tuple' ? ['torch.Size'] : []),
        `builtins.${typeName(value)}`,
        `typing.${typeName(value).replace(/^./, (c) => c.toUpperCase())}`,
        'collections.abc.Iterable',
        'typing.Iterable',
        ...sequence,
      ];
    }
    case 'tensor':
      return value.place.kind === 'stored' && value.place.tensor.parameter
        ? ['torch.Tensor', 'torch.nn.Parameter']
        : ['torch.Tensor'];
    case 'class':
      return ['builtins.type', 'collections.abc.Callable', 'typing.Callable'];
    case 'file':
      return ['types.ModuleType'];
    case 'slice':
      return ['builtins.slice'];
    case 'iterator':
      return ['types.GeneratorType', 'collections.abc.Iterator', 'collections.abc.Iterable', 'typing.Iterable'];
    case 'builtin':
      if (value.partial) return ['functools.partial', 'collections.abc.Callable', 'typing.Callable'];
      return ['types.FunctionType', 'types.BuiltinFunctionType', 'collections.abc.Callable', 'typing.Callable'];
    case 'function':
    case 'method':
      return ['types.FunctionType', 'collections.abc.Callable', 'typing.Callable'];
    case 'none':
      return ['builtins.NoneType', 'types.NoneType'];
    default:
      return [];
  }
}

/** `isinstance(value, of)`; undefined where that is not known. */
export function isInstance(value: Value, of: Value): boolean | undefined {
  if (value.type === 'unknown' || of.type === 'unknown') return undefined;
  if (of.type === 'tuple') {
    const truths = of.items.map((each) => isInstance(value, each));
    return truths.includes(true) ? true : every(truths);
  }
  if (of.type === 'none') return value.type === 'none';
  const path = of.type === 'class' || of.type === 'library' ? of.path : of.type === 'builtin' ? of.name : undefined;
  if (path === 'builtins.object') return true;
  if (value.type === 'class' && of.type === 'class' && value.meta?.resolution.includes(of)) return true;
  if (value.type === 'module' || value.type === 'instance') {
    if (of.type === 'class')
      return value.class.resolution.includes(of) || (value.class.unknownBase && !of.path ? undefined : false);
    if (path === undefined) return undefined;
    if (value.class.resolution.some((base) => base.path === path)) return true;
    if (value.type === 'instance' && value.held && classPaths(value.held).includes(path)) return true;
    if (/(^|\.)Callable$/.test(path))
      return value.type === 'module' || value.class.resolution.some((base) => base.attributes.has('__call__'));
    return value.class.unknownBase ? undefined : false;
  }
  if (value.type === 'record' || value.type === 'library') return value.path === path ? true : undefined;
  if (value.type === 'tuple' && of.type === 'class' && !of.path) return value.class?.resolution.includes(of) ?? false;
  return path !== undefined && classPaths(value).includes(path);
}

/** `issubclass(of, base)`; undefined where that is not known. */
export const subclassOf = (of: Value, base: Value): boolean | undefined => {
  if (of.type !== 'class') return undefined;
  if (base.type === 'tuple') return base.items.some((each) => subclassOf(of, each) === true);
  return base.type === 'class' ? of.resolution.includes(base) : undefined;
};
