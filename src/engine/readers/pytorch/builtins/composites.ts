import { type Composite, type CompositeCalls, findLayer } from '../../../layers';
import type { AttributeValue, Span } from '../../../network';
import type { BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { constructedAttributes, valueOfAttribute } from '../../python/modules/layer';
import { applyLayer } from '../../python/modules/trace';
import { type Arguments, argument, type ModuleValue, NONE, positional, string, type Value } from '../../python/values';
import { bindForm, saidByCall } from './layers';

/** Methods of PyTorch's own that a class below it may override, which the reader does not call. */
const BLOCKS = ['_sa_block', '_ff_block', '_mha_block'];

const ACTIVATION = 'activation';

/** The activation as it is given, a name, a function or a module, and the other arguments. */
function withoutActivation(composite: Composite, args: Arguments): { activation: Value; rest: Arguments } {
  const place = Object.keys(composite.attributes).indexOf(ACTIVATION);
  const keywords = new Map(args.keywords);
  const activation = keywords.get(ACTIVATION) ?? args.positional[place] ?? string('relu');
  keywords.delete(ACTIVATION);
  // Its place is kept by the default, which fits where the value itself is no attribute.
  const others = args.positional.map((value, i) => (i === place ? string('relu') : value));
  return { activation, rest: { ...args, positional: others, keywords } };
}

/** `'gelu'` as the function of that name; anything else as it is. @throws as PyTorch does for another name. */
function activationOf(given: Value, site: Span, run: Evaluation): Value {
  if (given.type !== 'string') return given;
  if (given.value === 'relu' || given.value === 'gelu') return run.library(`torch.nn.functional.${given.value}`);
  return run.raise('RuntimeError', `activation should be relu/gelu, not ${given.value}`, site);
}

const asKeywords = (entries: Readonly<Record<string, Value | undefined>>): [string, Value][] =>
  Object.entries(entries).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));

const asValues = (attributes: Readonly<Record<string, AttributeValue>>): [string, Value][] =>
  Object.entries(attributes).map(([name, value]) => [name, valueOfAttribute(value)]);

/** How a composite's forward calls its children: whatever modules stand there now. */
const callsOf = (module: ModuleValue, site: Span, run: Evaluation): CompositeCalls<Value> => ({
  module(name, inputs, named = {}, said = {}) {
    const child = run.attribute(module, name, site);
    const keywords = new Map([...asKeywords(named), ...asValues(said)]);
    const result = run.call(child, { positional: inputs, keywords }, site);
    return result.type === 'tuple' ? result.items[0]! : result;
  },
  function: (kind, inputs) =>
    applyLayer({ row: findLayer(kind)!, attributes: {}, operands: inputs, site, by: kind }, run),
  activation: (x) => run.call(run.attribute(module, ACTIVATION, site), positional(x), site),
});

/** The methods of a class of PyTorch's that is made of others. */
export function compositeMethods(composite: Composite): BuiltinTable {
  return {
    __init__(args, site, run) {
      const module = argument(args, 0) as ModuleValue;
      const own = { ...args, positional: args.positional.slice(1) };
      const { activation, rest } =
        ACTIVATION in composite.attributes && !args.open
          ? withoutActivation(composite, own)
          : { activation: undefined, rest: own };
      const attributes = constructedAttributes(module, composite, rest, site, run);
      if (!attributes) return NONE;
      module.composite = { composite, attributes };
      for (const [name, { kind, attributes: given }] of Object.entries(composite.children(attributes))) {
        const of = run.libraryClass(`torch.nn.${kind}`)!;
        const child = run.call(of, { positional: [], keywords: new Map(asValues(given)) }, site);
        run.setAttribute(module, name, child, site);
      }
      if ('norm_first' in attributes) module.attributes.set('norm_first', valueOfAttribute(attributes.norm_first!));
      if (activation) run.setAttribute(module, ACTIVATION, activationOf(activation, site, run), site);
      return NONE;
    },
    forward(args, site, run) {
      const [module, ...given] = args.positional as [ModuleValue, ...Value[]];
      if (!module.composite) {
        return module.opaque ?? run.raise('RuntimeError', `${module.class.name} has not run its __init__`, site);
      }
      const block = BLOCKS.find((name) => module.class.resolution.some(({ attributes }) => attributes.has(name)));
      if (block) return run.unmodelled(module.class.name, `overriding ${block} is not modelled`, site);
      const { parameters, operands: names } = composite.call;
      const bound = bindForm(composite, composite.call, { ...args, positional: given }, site, run);
      const { operands, attributes, unclear } = bound;
      if (unclear?.type === 'unknown') {
        run.note(unclear, module.class.name);
        return unclear;
      }
      const said = saidByCall(composite, attributes);
      const there = (said.operands ?? []) as readonly string[];
      const required = names.filter((name) => !name.endsWith('?'));
      if (operands.length < required.length + there.length) {
        const missing = required[operands.length - there.length] ?? parameters[0];
        const what = `${composite.kind}.forward() missing 1 required positional argument: '${missing}'`;
        return run.raise('TypeError', what, site);
      }
      const byName = Object.fromEntries([...required, ...there].map((name, i) => [name, operands[i]!]));
      return composite.forward(callsOf(module, site, run), byName, { ...module.composite.attributes, ...said });
    },
  };
}
