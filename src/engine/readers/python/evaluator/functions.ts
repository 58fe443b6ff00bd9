import { field, type SyntaxNode } from '../syntax';
import {
  type Arguments,
  dict,
  type FunctionParameter,
  type FunctionValue,
  globalScope,
  type InstanceValue,
  iterator,
  type ModuleValue,
  NONE,
  newScope,
  type Scope,
  string,
  tuple,
  type Value,
} from '../values';
import { BudgetExceeded, LIMITS } from './budget';
import type { Evaluation } from './evaluation';
import { yields } from './expressions';

/** The parameters of a `def` or `lambda`, defaults evaluated now. */
function parametersOf(node: SyntaxNode | undefined, scope: Scope, run: Evaluation): FunctionParameter[] {
  const parameters: FunctionParameter[] = [];
  let kind: 'positional' | 'keywordOnly' = 'positional';
  for (const child of node?.children ?? []) {
    const inner = child.type === 'typed_parameter' ? child.children[0]! : child;
    if (inner.type === 'keyword_separator') kind = 'keywordOnly';
    else if (inner.type === 'positional_separator') {
      parameters.forEach((parameter, i) => {
        parameters[i] = { ...parameter, kind: 'positionalOnly' };
      });
    } else if (inner.type === 'list_splat_pattern') {
      parameters.push({ name: inner.children[0]?.text ?? 'args', kind: 'list' });
      kind = 'keywordOnly';
    } else if (inner.type === 'dictionary_splat_pattern') {
      parameters.push({ name: inner.children[0]?.text ?? 'kwargs', kind: 'dict' });
    } else {
      const fallback = field(child, 'value');
      const name = (field(child, 'name') ?? inner).text;
      const annotation = field(child, 'type');
      parameters.push({
        name,
        kind,
        ...(fallback && { fallback: run.evaluate(fallback, scope) }),
        ...(annotation && { annotation }),
      });
    }
  }
  return parameters;
}

/** A function value of a `function_definition` or `lambda` node, closing over `scope`. */
export function makeFunction(node: SyntaxNode, scope: Scope, run: Evaluation): FunctionValue {
  const lambda = node.type === 'lambda';
  const body = field(node, 'body')!;
  const made: FunctionValue = {
    type: 'function',
    name: lambda ? '<lambda>' : field(node, 'name')!.text,
    parameters: parametersOf(field(node, 'parameters'), scope, run),
    body,
    scope,
    source: run.span(node),
    lambda,
    // Most bodies are never looked into.
    generator: /\byield\b/.test(body.text) && yields(body),
  };
  scope.methods?.push(made);
  return made;
}

/** Puts arguments to parameters as Python does, or says Python's TypeError through `refuse`. */
export function bindArguments(
  name: string,
  parameters: readonly FunctionParameter[],
  args: Arguments,
  refuse: (text: string) => never,
): Map<string, Value> {
  const values = new Map<string, Value>();
  const keywords = new Map(args.keywords);
  const places = parameters.filter(({ kind }) => kind === 'positional' || kind === 'positionalOnly');
  places.forEach((parameter, i) => {
    const given = args.positional[i];
    if (given) values.set(parameter.name, given);
  });
  const rest = parameters.find(({ kind }) => kind === 'list');
  const extra = args.positional.slice(places.length);
  if (rest) values.set(rest.name, args.open && extra.length === 0 ? args.open : tuple(extra));
  else if (extra.length > 0) {
    const takes = `${places.length} positional argument${places.length === 1 ? '' : 's'}`;
    refuse(`${name}() takes ${takes} but ${args.positional.length} were given`);
  }
  for (const parameter of parameters) {
    if (parameter.kind === 'list' || parameter.kind === 'dict' || parameter.kind === 'positionalOnly') continue;
    const given = keywords.get(parameter.name);
    if (!given) continue;
    if (values.has(parameter.name)) refuse(`${name}() got multiple values for argument '${parameter.name}'`);
    values.set(parameter.name, given);
    keywords.delete(parameter.name);
  }
  const kwargs = parameters.find(({ kind }) => kind === 'dict');
  // What hands all on, a decorator's wrapper, hands on too that more is given than anybody knows.
  const handsOn = args.open !== undefined && rest !== undefined && extra.length > 0 && keywords.size === 0;
  if (kwargs && handsOn) values.set(kwargs.name, args.open!);
  else if (kwargs) values.set(kwargs.name, dict([...keywords].map(([key, value]) => [string(key), value] as const)));
  else if (keywords.size > 0) refuse(`${name}() got an unexpected keyword argument '${[...keywords.keys()][0]}'`);
  const missing: string[] = [];
  for (const parameter of parameters) {
    if (values.has(parameter.name) || parameter.kind === 'list' || parameter.kind === 'dict') continue;
    const fallback = parameter.fallback ?? args.open;
    if (fallback) values.set(parameter.name, fallback);
    else missing.push(`'${parameter.name}'`);
  }
  if (missing.length > 0) {
    const plural = missing.length === 1 ? '' : 's';
    refuse(`${name}() missing ${missing.length} required positional argument${plural}: ${missing.join(', ')}`);
  }
  return values;
}

/** Whether an object of a library's class may ask for what its constructor was given. */
const keeps = ({ class: of }: InstanceValue): boolean =>
  of.resolution.some(({ attributes }) => attributes.has('save_hyperparameters'));

/** Keeps what a module's constructor is given; an outer class's wins over what it gives its base. */
function keepArguments(
  module: ModuleValue | InstanceValue,
  init: FunctionValue,
  values: ReadonlyMap<string, Value>,
): void {
  module.constructed ??= new Map();
  const kept = module.constructed;
  for (const { name, kind } of init.parameters.slice(1)) {
    const value = values.get(name);
    if (!value || kind === 'list') continue;
    const named: (readonly [string, Value])[] =
      kind === 'dict' && value.type === 'dict'
        ? [...value.entries.values()].flatMap(({ key, value: each }) =>
            key.type === 'string' ? [[key.value, each] as const] : [],
          )
        : [[name, value]];
    for (const [key, each] of named) if (!kept.has(key)) kept.set(key, each);
  }
}

/** Calls a function of the file. */
export function callFunction(
  callee: FunctionValue,
  args: Arguments,
  site: Value | undefined,
  run: Evaluation,
  at = callee.source,
): Value {
  const values = bindArguments(callee.name, callee.parameters, args, (text) => run.raise('TypeError', text, at));
  if (run.budget.callDepth >= LIMITS.callDepth)
    throw new BudgetExceeded(`calls nested deeper than ${LIMITS.callDepth}`);
  const receiver = site ?? args.positional[0];
  const scope = newScope('function', callee.scope, {
    ...(callee.owner && receiver && { method: { owner: callee.owner, receiver } }),
    ...(callee.generator && { yields: [], ...(run.yieldTo && { yieldTo: run.yieldTo }) }),
  });
  if (callee.generator) run.yieldTo = undefined;
  for (const [name, value] of values) scope.names.set(name, value);
  if (callee.name === '__init__' && (receiver?.type === 'module' || (receiver?.type === 'instance' && keeps(receiver))))
    keepArguments(receiver, callee, values);
  run.budget.callDepth++;
  const imported = globalScope(callee.scope) !== run.globals;
  if (imported) run.away++;
  const noted = run.findings.notes.length;
  try {
    if (callee.lambda) return run.evaluate(callee.body, scope);
    const completion = run.execute(callee.body, scope);
    const result = completion?.kind === 'return' ? completion.value : NONE;
    if (scope.yields) {
      const endless = completion?.kind === 'return' && completion.endless === true;
      return { ...iterator(scope.yields), result, ...(endless && { endless }) };
    }
    // What a library's builder could not do is missing in the model that it gives.
    if (imported && result.type === 'module' && !run.strict())
      for (const note of run.findings.notes.slice(noted)) note.owner ??= result;
    return result;
  } finally {
    run.budget.callDepth--;
    if (imported) run.away--;
  }
}
