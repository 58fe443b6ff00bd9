import { findLayer } from '../../../layers';
import type { Attributes, Span } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { computedBy } from '../../python/modules/computedTensor';
import { newModule, storedValue } from '../../python/modules/moduleValue';
import { callModule } from '../../python/modules/trace';
import {
  asNumber,
  bound,
  type ClassValue,
  type ModuleValue,
  positional,
  type StoredTensor,
  type Value,
} from '../../python/values';

/** What every one of these functions takes first: a module, and the name of one of its parameters. */
interface Target {
  readonly module: ModuleValue;
  readonly name: string;
  readonly weight: StoredTensor;
}

/** Names what is not modelled as the module's own, wherever the code stands that asks for it. */
function note(module: ModuleValue, what: string, why: string, site: Span, run: Evaluation): void {
  run.owners.push(module);
  run.unmodelled(what, why, site);
  run.owners.pop();
}

/** The module and the parameter that the arguments name; a value where they are not known, which is then the result. */
function targetOf(given: { module?: Value; name?: Value }, site: Span, run: Evaluation): Target | Value {
  const { module, name } = given;
  if (module?.type !== 'module') return module ?? run.unmodelled('a parametrization', 'its module is not known', site);
  const local = name === undefined ? 'weight' : name.type === 'string' ? name.value : undefined;
  if (local === undefined) return run.unmodelled('a parametrization', 'the name of its tensor is not known', site);
  if (module.opaque) return module;
  if (module.computed?.has(local)) {
    const why = 'a second parametrization of one tensor is not modelled';
    note(module, `${module.class.name}.${local}`, why, site, run);
    return module;
  }
  const weight = module.parameters.get(local);
  if (weight) return { module, name: local, weight };
  return run.raise(
    'ValueError',
    `Module '${module.class.name}()' has no parameter or buffer with name '${local}'`,
    site,
  );
}

const isTarget = (found: Target | Value): found is Target => 'weight' in found;

const whole = (value: Value | undefined, fallback: number): number | undefined =>
  value === undefined ? fallback : asNumber(value);

/** A dimension, None where it is given so; undefined where it is not known. */
function dimension(value: Value | undefined, fallback: number | null): number | null | undefined {
  if (value === undefined) return fallback;
  return value.type === 'none' ? null : asNumber(value);
}

const isTransposed = (module: ModuleValue): boolean =>
  module.class.resolution.some(({ path }) => /^torch\.nn\.ConvTranspose[123]d$/.test(path ?? ''));

/** g: one length for each index of an axis; of everything together where that is None, which PyTorch also writes −1. */
function lengths({ weight }: Target, dim: number | null): StoredTensor {
  const rank = weight.shape.length;
  const axis = dim === null || dim === -1 ? null : dim < 0 ? dim + rank : dim;
  return {
    parameter: true,
    shape: axis === null ? [] : weight.shape.map((size, i) => (i === axis ? size : 1)),
    trainable: weight.trainable,
    // The first lengths are the weight's own.
    initialization: { kind: 'norm', of: '', dim: axis },
    of: weight,
  };
}

/** u or v: the sides of the weight as a matrix whose rows are `dim`. */
const singularVector = ({ weight }: Target, side: 'left' | 'right', dim: number, iterations: number): StoredTensor => {
  const rows = weight.shape[dim]!;
  const size = side === 'left' ? rows : weight.shape.reduce((product, length) => product * length, 1) / rows;
  const initialization = { kind: 'singular_vector', of: '', side, dim, iterations } as const;
  return { parameter: false, shape: [size], trainable: false, initialization, of: weight };
};

/** A class that PyTorch makes up, below another. */
const derivedClass = (name: string, of: ClassValue): ClassValue => {
  const resolution: ClassValue[] = [];
  const made: ClassValue = { type: 'class', name, resolution, attributes: new Map() };
  resolution.push(made, ...of.resolution);
  return made;
};

/** Registers what `torch.nn.utils.parametrize` does: `parametrizations.weight` with the originals, the parametrization in it. */
function register(
  { module, name }: Target,
  originals: readonly StoredTensor[],
  parametrization: ModuleValue,
  run: Evaluation,
) {
  const base = run.libraryClass('torch.nn.Module')!;
  const ready = (of: ClassValue): ModuleValue => ({ ...newModule(of, module.source), ready: true });
  let all = module.children.get('parametrizations');
  if (!all) {
    all = ready(run.libraryClass('torch.nn.ModuleDict')!);
    module.children.set('parametrizations', all);
    module.class = derivedClass(`Parametrized${module.class.name}`, module.class);
  }
  const list = ready(derivedClass('ParametrizationList', base));
  all.children.set(name, list);
  list.children.set('0', parametrization);
  const suffix = (i: number) => (originals.length > 1 ? String(i) : '');
  originals.forEach((original, i) => {
    list.parameters.set(`original${suffix(i)}`, original);
  });
  module.parameters.delete(name);
}

/** A module of PyTorch's that computes the tensor, with the attributes of its row. */
function parametrizationOf(kind: string, attributes: Attributes, source: Span, run: Evaluation): ModuleValue {
  const of = run.libraryClass(`torch.nn.utils.parametrizations.${kind}`)!;
  return { ...newModule(of, source), ready: true, layer: { row: findLayer(kind)!, attributes } };
}

function setComputed({ module, name }: Target, computed: ReturnType<typeof computedBy>): void {
  module.computed ??= new Map();
  module.computed.set(name, computed);
}

const notKnown = (what: string, site: Span, run: Evaluation, { module }: Target): Value => {
  note(module, what, 'its arguments are not known; the weight stands as it is', site, run);
  return module;
};

const weightNorm =
  (hook: boolean): BuiltinRow =>
  (args, site, run) => {
    const { module, name, dim } = bound(args, 'module', 'name', 'dim');
    const target = targetOf({ ...(module && { module }), ...(name && { name }) }, site, run);
    if (!isTarget(target)) return target;
    const axis = dimension(dim, 0);
    if (axis === undefined) return notKnown('weight_norm', site, run, target);
    const { weight } = target;
    const row = findLayer('_WeightNorm')!;
    const attributes = { dim: axis };
    const g = lengths(target, axis);
    if (hook) {
      const { parameters } = target.module;
      parameters.delete(target.name);
      parameters.set(`${target.name}_g`, g);
      parameters.set(`${target.name}_v`, weight);
      setComputed(target, computedBy(row, attributes, [g, weight], weight.shape, '_weight_norm'));
      return target.module;
    }
    const parametrization = parametrizationOf('_WeightNorm', attributes, target.module.source, run);
    register(target, [g, weight], parametrization, run);
    setComputed(target, computedBy(row, attributes, [g, weight], weight.shape, parametrization));
    return target.module;
  };

const spectralNorm =
  (hook: boolean): BuiltinRow =>
  (args, site, run) => {
    const { module, name, n_power_iterations, eps, dim } = bound(
      args,
      'module',
      'name',
      'n_power_iterations',
      'eps',
      'dim',
    );
    const target = targetOf({ ...(module && { module }), ...(name && { name }) }, site, run);
    if (!isTarget(target)) return target;
    const { weight } = target;
    const axis = dimension(dim, null);
    const steps = whole(n_power_iterations, 1);
    const least = whole(eps, 1e-12);
    if (axis === undefined || steps === undefined || least === undefined) {
      return notKnown('spectral_norm', site, run, target);
    }
    if (steps <= 0) {
      const what = `Expected n_power_iterations to be positive, but got n_power_iterations=${steps}`;
      return run.raise('ValueError', what, site);
    }
    const rows = axis ?? (isTransposed(target.module) ? 1 : 0);
    const attributes = { n_power_iterations: steps, dim: rows < 0 ? rows + weight.shape.length : rows, eps: least };
    const vector = (side: 'left' | 'right') => singularVector(target, side, attributes.dim, hook ? 0 : 15);
    if (hook) {
      const [u, v] = [vector('left'), vector('right')];
      target.module.parameters.delete(target.name);
      target.module.parameters.set(`${target.name}_orig`, weight);
      target.module.buffers.set(`${target.name}_u`, u);
      target.module.buffers.set(`${target.name}_v`, v);
      const row = findLayer('SpectralNorm')!;
      setComputed(target, computedBy(row, attributes, [weight, u, v], weight.shape, '_spectral_norm'));
      return target.module;
    }
    const own = { weight_shape: weight.shape, ...attributes };
    const parametrization = parametrizationOf('_SpectralNorm', own, target.module.source, run);
    if (weight.shape.length > 1) {
      parametrization.buffers.set('_u', vector('left'));
      parametrization.buffers.set('_v', vector('right'));
    }
    register(target, [weight], parametrization, run);
    setComputed(target, computedBy(parametrization.layer!.row, own, [weight], weight.shape, parametrization));
    return target.module;
  };

/** A parametrization of the file's own: whatever its forward makes of the original. */
const registerParametrization: BuiltinRow = (args, site, run) => {
  const { module, tensor_name: name, parametrization } = bound(args, 'module', 'tensor_name', 'parametrization');
  const target = targetOf({ ...(module && { module }), ...(name && { name }) }, site, run);
  if (!isTarget(target)) return target;
  if (parametrization?.type !== 'module') return notKnown('register_parametrization', site, run, target);
  const { weight } = target;
  register(target, [weight], parametrization, run);
  setComputed(target, {
    shape: weight.shape,
    compute: (at, running) => callModule(parametrization, positional(storedValue(weight)), at, running),
  });
  return target.module;
};

/** The weight is a parameter again: with its first values, where nothing has been learned yet. */
const remove: BuiltinRow = (args, site, run) => {
  const { module, name, tensor_name } = bound(args, 'module', 'name', 'tensor_name');
  if (module?.type !== 'module') return module ?? run.unmodelled('a parametrization', 'its module is not known', site);
  const given = tensor_name ?? name;
  const local = given?.type === 'string' ? given.value : 'weight';
  const list = module.children.get('parametrizations')?.children.get(local);
  const { parameters, buffers } = module;
  const original =
    list?.parameters.get('original1') ??
    list?.parameters.get('original') ??
    parameters.get(`${local}_v`) ??
    parameters.get(`${local}_orig`);
  if (!original || !module.computed?.delete(local)) return module;
  if (!list?.parameters.has('original1') && !parameters.has(`${local}_g`)) {
    const why = 'the weight is drawn as if it had not been parametrized';
    note(module, 'a parametrization that is removed', why, site, run);
  }
  for (const suffix of ['_g', '_v', '_orig']) parameters.delete(`${local}${suffix}`);
  for (const suffix of ['_u', '_v']) buffers.delete(`${local}${suffix}`);
  const all = module.children.get('parametrizations');
  all?.children.delete(local);
  if (all?.children.size === 0) {
    module.children.delete('parametrizations');
    module.class = module.class.resolution[1]!;
  }
  parameters.set(local, original);
  return module;
};

const notModelled =
  (name: string): BuiltinRow =>
  (args, site, run) => {
    const { module } = bound(args, 'module');
    if (module?.type !== 'module') return module ?? run.unmodelled(name, 'its module is not known', site);
    note(module, name, 'this parametrization is not modelled; the weight stands as it is', site, run);
    return module;
  };

/** Functions of torch.nn.utils by what follows `torch.`. */
export const parametrizations: BuiltinTable = {
  'nn.utils.weight_norm': weightNorm(true),
  'nn.utils.spectral_norm': spectralNorm(true),
  'nn.utils.remove_weight_norm': remove,
  'nn.utils.remove_spectral_norm': remove,
  'nn.utils.parametrizations.weight_norm': weightNorm(false),
  'nn.utils.parametrizations.spectral_norm': spectralNorm(false),
  'nn.utils.parametrizations.orthogonal': notModelled('orthogonal'),
  'nn.utils.parametrize.register_parametrization': registerParametrization,
  'nn.utils.parametrize.remove_parametrizations': remove,
};
