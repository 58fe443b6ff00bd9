import { isDeepStrictEqual } from 'node:util';
import { InputError, type Span, spanOf } from '../../network';
import { BudgetExceeded, type Evaluation, LIMITS, PythonError } from '../python/evaluator';
import { bindArguments } from '../python/evaluator/functions';
import { isModuleOf } from '../python/modules/moduleValue';
import { namedModules } from '../python/modules/named';
import { descendants, type SyntaxNode } from '../python/syntax';
import {
  type Arguments,
  type ClassValue,
  type FunctionValue,
  lookup,
  type ModuleValue,
  unknown,
  type Value,
} from '../python/values';
import type { ReadOptions } from '../reader';
import { assumedWords } from './assumedArguments';
import { type Assumption, assumedArguments, constructorParameters } from './assumedByUse';
import { LOSS_CLASS } from './builtins/training';
import { configurations } from './configurations';
import { onlyTrained } from './trained';

/** A model that the file offers. */
export interface Candidate {
  readonly name: string;
  readonly source: Span;
  /** Makes the model, where it does not stand yet. @throws InputError where that fails. */
  make(): ModuleValue;
  /** Ways to make it with other usual values for arguments that nobody says; absent where none is assumed. */
  readonly otherwise?: readonly (() => ModuleValue)[];
}

const isModuleClass = (value: Value, run: Evaluation): value is ClassValue =>
  value.type === 'class' &&
  value.source !== undefined &&
  value.resolution.some(({ path }) => path !== undefined && run.framework.moduleBases.includes(path));

/** A module and all that are part of it. */
const partsOf = (module: ModuleValue, run: Evaluation): readonly ModuleValue[] =>
  run.framework.partsOf?.(module) ?? namedModules(module).map((each) => each.module);

/** Whether a model is among the parts of another, or is what parts of it are copies of, or, where its library makes models of a graph, all of its layers are. */
function isPart(module: ModuleValue, parts: readonly ModuleValue[], run: Evaluation): boolean {
  if (parts.includes(module)) return true;
  // `copy.deepcopy(attention)` for each layer: what is copied into a model is a pattern of its parts.
  if (parts.some((part, i) => i > 0 && part.copyOf === module)) return true;
  const own = run.framework.partsOf?.(module)?.slice(1) ?? [];
  return own.length > 0 && own.length < parts.length - 1 && own.every((each) => parts.includes(each));
}

const isLoss = (module: ModuleValue): boolean =>
  module.class.resolution.some(({ path }) => path !== undefined && LOSS_CLASS.test(path));

/** An exception of the file's own code as an error that names its place. */
export function inputErrorOf(error: PythonError, what: string): InputError {
  return new InputError(`${what}: ${error.message}`, error.mend ?? 'mend the line', error.source);
}

/** The constructor arguments that the person gives, as Python values. */
export type Given = ReadonlyMap<string, Value>;

/** What stands for arguments that nobody says: usual values of a whole model, or of a block of one. */
type Assumed = 'nothing' | Assumption;

/** Names of classes that are parts of models rather than models. */
const BLOCK =
  /(block|layer|attention|attn|conv|unit|cell|bottleneck|residual|head|mlp|feedforward|ffn|norm|pool\w*|module)\d*d?$/i;

const lackingOf = (callee: ClassValue | FunctionValue, given: Given) =>
  parametersOf(callee).filter(
    ({ kind, fallback, name }) =>
      (kind === 'positional' || kind === 'positionalOnly' || kind === 'keywordOnly') && !fallback && !given.has(name),
  );

/** Calls a class or function for its model, with what the person gives. */
function makeBy(
  callee: ClassValue | FunctionValue,
  said: Given,
  site: Span,
  run: Evaluation,
  assume: Assumed,
): ModuleValue {
  const configured = new Map([...configurations(lackingOf(callee, said), callee, run), ...said]);
  const open = lackingOf(callee, configured);
  const assumed =
    assume === 'nothing'
      ? { values: new Map<string, Value>(), words: new Map<string, string>() }
      : assumedArguments(open, callee, assume, callee.source ?? site, run);
  const given = new Map([...assumed.values, ...configured]);
  const missing = lackingOf(callee, given).length > 0 ? open : [];
  if (missing.length > 0) {
    const names = missing.map(({ name }) => `'${name}'`).join(', ');
    const flags = missing.map(({ name }) => `--set ${name}=…`).join(' ');
    throw new InputError(
      `${callee.name} needs the argument${missing.length > 1 ? 's' : ''} ${names}`,
      `give ${flags}`,
      callee.source ?? site,
      missing.map(({ name }) => name),
    );
  }
  const args: Arguments = { positional: [], keywords: given };
  run.budget.operations = LIMITS.operations;
  run.framework.renew?.(run);
  const { failures } = run.findings;
  const before = failures.length;
  try {
    const made = run.call(callee, args, site);
    if (made.type === 'module') {
      for (const [name, value] of assumed.values)
        if (value.type !== 'instance')
          run.findings.notes.push({
            what: `${callee.name}'s argument ${name}`,
            why: `nobody says it; ${assumed.words.get(name) ?? assumedWords(name, value)}`,
            source: callee.source ?? site,
            owner: made,
          });
      return made;
    }
    // Where a line of the model's own failed, that is what there is to mend.
    const failed = failures.slice(before).find((each) => each instanceof InputError || each.inModel);
    if (failed) throw failed;
    const why = made.type === 'unknown' ? `: ${made.why}` : '';
    throw new InputError(
      `${callee.name} gives no module that the reader knows${why}`,
      'analyse another class, function or variable of the file',
      callee.source ?? site,
    );
  } catch (error) {
    if (error instanceof PythonError) throw inputErrorOf(error, `making ${callee.name} fails`);
    if (error instanceof BudgetExceeded)
      throw new InputError(
        `${callee.name} takes too long to read: ${error.message}`,
        'simplify it',
        callee.source ?? site,
      );
    throw error;
  }
}

/** The parameters of a class's constructor or of a function, without `self`. */
function parametersOf(callee: ClassValue | FunctionValue) {
  if (callee.type === 'function') return callee.parameters;
  const own = constructorParameters(callee);
  if (own) return own;
  return callee.resolution.find((base) => base.fields)?.fields ?? [];
}

function candidateOf(
  name: string,
  value: Value,
  given: Given,
  { assumeArguments: assumes = false }: ReadOptions,
  run: Evaluation,
): Candidate | undefined {
  if (value.type === 'module') return { name, source: value.source, make: () => value };
  if (!isModuleClass(value, run) && !(value.type === 'function' && !value.lambda)) return undefined;
  const source = value.source!;
  const make = (assume: Assumed) => makeBy(value, given, source, run, assume);
  if (!assumes || lackingOf(value, given).length === 0) return { name, source, make: () => make('nothing') };
  const [first, ...others]: readonly Assumed[] = BLOCK.test(value.name)
    ? ['block', 'whole', 'even']
    : ['whole', 'block', 'even'];
  return { name, source, make: () => make(first!), otherwise: others.map((each) => () => make(each)) };
}

/** `gan.generator`: a model that a variable's model holds. */
function heldBy(name: string, run: Evaluation): Value | undefined {
  const [, owner = '', attribute = ''] = /^(\w+)\.(\w+)$/.exec(name) ?? [];
  const holder = lookup(run.globals, owner) ?? run.findings.localModels.find((local) => local.name === owner)?.module;
  return holder?.type === 'module' ? run.framework.heldModels?.(holder)?.get(attribute) : undefined;
}

/** The one that the person names. @throws InputError when there is none of that name. */
export function namedCandidate(name: string, given: Given, options: ReadOptions, run: Evaluation): Candidate {
  const value =
    lookup(run.globals, name) ??
    heldBy(name, run) ??
    run.findings.localModels.find((local) => local.name === name)?.module;
  const candidate = value && candidateOf(name, value, given, options, run);
  if (candidate) return candidate;
  if (value?.type === 'unknown')
    throw new InputError(
      `${name} is not known: ${value.why}`,
      'name a class or a function that returns a model',
      value.source,
    );
  const names = [...run.globals.names].flatMap(([key, each]) =>
    isModuleClass(each, run) || each.type === 'module' ? [key] : [],
  );
  const mend = names.length > 0 ? `there are ${names.join(', ')}` : 'the file defines no model';
  throw new InputError(
    value ? `${name} is no model` : `there is no ${name} in the file`,
    mend,
    value?.type === 'class' ? value.source : spanOf(run.document),
  );
}

/** Keeps each module once, and none that is part of another; those without parameters only if there is nothing else. */
function models(
  found: readonly { name: string; module: ModuleValue }[],
  run: Evaluation,
): { name: string; module: ModuleValue }[] {
  // A function that is called again makes its model again.
  const same = (a: (typeof found)[number], b: (typeof found)[number]) =>
    a.module === b.module || (a.name === b.name && isDeepStrictEqual(a.module.source, b.module.source));
  // A model that only trains others is none: those are.
  const shown = found.flatMap((each) => {
    const held = run.framework.heldModels?.(each.module);
    if (!held) return [each];
    return [...held].map(([attribute, module]) => {
      const own = found.find((other) => other.module === module);
      return own ?? { name: `${each.name}.${attribute}`, module };
    });
  });
  const once = shown.filter((each, i) => !isLoss(each.module) && shown.findIndex((other) => same(other, each)) === i);
  const outer = once.filter(
    ({ module }) => !once.some((other) => other.module !== module && isPart(module, partsOf(other.module, run), run)),
  );
  const learning = outer.filter(({ module }) =>
    partsOf(module, run).some(({ parameters, opaque, lazy }) => parameters.size > 0 || opaque || lazy),
  );
  return learning.length > 0
    ? learning
    : outer.filter(({ module }) => !module.layer && !isModuleOf(module, 'torch.nn.ModuleList'));
}

/** `ResNet50.__doc__ = …` and `setattr(ResNet50, "__doc__", …)` say nothing of who uses it. */
const DOCUMENTS = /^\w+\.__doc__\s*\+?=|^(if \w+\.__doc__ is not None:\s*)?setattr\(\s*\w+\s*,\s*['"]__doc__['"]/;

/** Whether a function gives nothing back: a `test()` that tries a model, or what draws the weights of any. */
const givesNothing = (inner: SyntaxNode): boolean =>
  inner.type === 'function_definition' &&
  ![...descendants(inner)].some(({ type, children }) => type === 'return_statement' && children.length > 0);

/** The names that code refers to where it builds on them: neither a class to itself, nor what only uses a model. */
function references(statements: readonly SyntaxNode[]): Set<string> {
  const names = new Set<string>();
  for (const statement of statements) {
    const inner = statement.type === 'decorated_definition' ? statement.fields.definition![0]! : statement;
    if (DOCUMENTS.test(statement.text) || givesNothing(inner)) continue;
    const own = /^(class|function)_definition$/.test(inner.type) ? inner.fields.name![0]!.text : undefined;
    for (const node of descendants(inner)) if (node.type === 'identifier' && node.text !== own) names.add(node.text);
  }
  return names;
}

/** Functions that scripts begin in, called here where the script itself does not. */
const ENTRY = /^(main|train|run|fit|train_model|training|run_training|experiment)$/;

/**
 * The models that a file offers when nobody names one: those that its script makes; else the module classes that
 * nothing in the file refers to; else the functions that give a model and that nothing refers to.
 */
export function offeredCandidates(
  statements: readonly SyntaxNode[],
  given: Given,
  options: ReadOptions,
  run: Evaluation,
): Candidate[] {
  const globals = [...run.globals.names];
  const standing = () => {
    const held = run.findings.localModels.filter(({ passing }) => !passing);
    const named = globals.flatMap(([name, value]) => (value.type === 'module' ? [{ name, module: value }] : []));
    const now = models([...named, ...held.filter(({ global }) => !global)], run);
    // `model = torch.load(path)` at a script's end hides what it trained.
    return now.length > 0 ? now : models(held, run);
  };
  let made = standing();
  if (made.length === 0) {
    for (const [name, value] of globals) {
      if (value.type !== 'function' || !ENTRY.test(name)) continue;
      attempt(() =>
        run.call(
          value,
          { positional: [], keywords: new Map(), open: unknown('an argument of the script', value.source) },
          value.source,
        ),
      );
    }
    made = standing();
  }
  // `trainer.fit(Net())`: of models that no variable holds, what is at hand when all else is known.
  if (made.length === 0) made = models(run.findings.localModels, run);
  made = onlyTrained(made, run);
  if (made.length > 0) {
    if (Object.keys(options.set ?? {}).some((name) => !run.used.has(name))) {
      const [first] = made;
      throw new InputError(
        `--set is for a class or a function, and ${first!.name} is made already`,
        'name the class with ::NAME',
        first!.module.source,
      );
    }
    return made.map(({ name, module }) => candidateOf(name, module, given, options, run)!);
  }
  const referred = references(statements);
  const free = globals.filter(([name]) => !referred.has(name));
  const classes = free.filter(([, value]) => isModuleClass(value, run));
  const chosen =
    classes.length > 0
      ? classes
      : free.filter(([name, value]) => value.type === 'function' && !ENTRY.test(name) && givesModel(value, run));
  return chosen.flatMap(([name, value]) => candidateOf(name, value, given, options, run) ?? []);
}

/** Whether a function can be called as it stands and gives a module. */
function givesModel(value: FunctionValue, run: Evaluation): boolean {
  try {
    bindArguments(value.name, value.parameters, { positional: [], keywords: new Map() }, (text) =>
      run.raise('TypeError', text, value.source),
    );
    run.framework.renew?.(run);
    return run.call(value, { positional: [], keywords: new Map() }, value.source).type === 'module';
  } catch (error) {
    if (error instanceof PythonError || error instanceof BudgetExceeded) return false;
    throw error;
  }
}

/** Does something whose failure means only that it says nothing. */
export function attempt(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof PythonError || error instanceof BudgetExceeded)) throw error;
  }
}
