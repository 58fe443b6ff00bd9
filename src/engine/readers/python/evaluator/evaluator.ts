import { ShapeError } from '../../../layers';
import { InputError, lineText, type SourceDocument, type Span, spanOf } from '../../../network';
import { noImports } from '../imports';
import { newModule } from '../modules/moduleValue';
import { writeTo } from '../modules/sharedMemory';
import { callModule } from '../modules/trace';
import type { SyntaxNode } from '../syntax';
import {
  type Arguments,
  bind,
  type ClassValue,
  equal,
  type FunctionValue,
  globalScope,
  hashKey,
  type ModuleValue,
  newScope,
  positional,
  repr,
  type Scope,
  string,
  truth,
  tuple,
  typeName,
  unknown,
  type Value,
} from '../values';
import { assignTo } from './assignment';
import { attributeOf, findAttribute, setAttributeOf } from './attributes';
import { BudgetExceeded, LIMITS, newBudget } from './budget';
import { classAttribute, withReceiver } from './classes';
import { enumerationOf, isEnumeration, memberOf } from './classKinds';
import type { Completion, Evaluation, Findings } from './evaluation';
import { assignedNames, expressions } from './expressions';
import type { Framework } from './framework';
import { callFunction } from './functions';
import { unread } from './importing';
import { item } from './indexing';
import { iterate } from './iteration';
import { byMeta, callByMeta } from './metaclasses';
import { arithmetic, contains, OPERATOR_METHODS } from './operators';
import { orderOf, ownBinary, reprOf, special, textOf, truthOf } from './ownOperators';
import { PythonError } from './pythonError';
import { statements } from './statements';

/** The text or number that a member of an enumeration of such is, or what an object below list, dict or int holds. */
const plainMember = (value: Value): Value =>
  value.type !== 'instance' ? value : value.member?.plain ? value.member.value : (value.held ?? value);

/** What a step in an imported file costs: such code runs elsewhere already, and a library's builders are long. */
const LIBRARY_SHARE = 0.1;

/** Methods by which a script uses a model as it stands. */
const USING =
  /^(sample|generate|predict|infer|inference|p_sample|ddim|act|get_action|get_value|select_action|choose_action|explore|evaluate|validate|test|encode|decode|log|plot|show|visuali[sz]e|save|summary|print|loss|compute_loss|forward)(_|$)/;

/** Whether a method that a script calls uses the model and makes nothing of it: by its name, or as it is given tensors. */
const usesOnly = (name: string, args: Arguments): boolean =>
  name !== '__init__' && (USING.test(name) || args.positional.some(({ type }) => type === 'tensor'));

/** An evaluation of one file, nothing of it run yet. */
export function createEvaluation(document: SourceDocument, framework: Framework): Evaluation {
  const globals = newScope('module', undefined, { file: document });
  globals.names.set('__name__', string('__main__'));
  globals.names.set('__doc__', string(''));
  globals.names.set('__file__', string('model.py'));
  const findings: Findings = {
    notes: [],
    records: [],
    examples: [],
    localModels: [],
    failures: [],
    batchSizes: [],
    starImports: [],
    arguments: new Map(),
    assumptions: [],
  };

  /** Runs one statement; in the script around the model an error costs that statement alone. */
  const step = (node: SyntaxNode, scope: Scope): Completion | undefined => {
    const rule = statements[node.type];
    if (!rule) {
      if (expressions[node.type]) run.evaluate(node, scope);
      else {
        const reason = run.unmodelled(
          node.type.replaceAll('_', ' '),
          'this kind of statement is not modelled',
          run.span(node),
        );
        for (const name of assignedNames(node)) bind(scope, name, reason);
      }
      return undefined;
    }
    if (!run.lenient(scope) || run.tryDepth > 0) return rule(node, scope, run);
    try {
      return rule(node, scope, run);
    } catch (error) {
      if (!(error instanceof PythonError || error instanceof InputError)) throw error;
      findings.failures.push(error);
      const reason = unknown(`${lineText(run.span(node))}: ${error.message}`, error.source ?? run.span(node));
      for (const name of assignedNames(node)) bind(scope, name, reason);
      return undefined;
    }
  };

  const run: Evaluation = {
    document,
    framework,
    budget: newBudget(),
    findings,
    globals,
    imports: noImports,
    given: new Map(),
    used: new Set(),
    owners: [],
    tryDepth: 0,
    away: 0,
    yieldTo: undefined,
    trace: undefined,

    evaluate(node, scope) {
      spend();
      const rule = expressions[node.type];
      if (!rule)
        return run.unmodelled(
          node.type.replaceAll('_', ' '),
          'this kind of expression is not modelled',
          run.span(node),
        );
      run.budget.nesting++;
      try {
        return rule(node, scope, run);
      } finally {
        run.budget.nesting--;
      }
    },
    execute(block, scope) {
      const body = block.type === 'block' || block.type === 'module' ? block.children : [block];
      for (const statement of body) {
        spend();
        run.budget.nesting++;
        try {
          const completion = step(statement, scope);
          if (completion) return completion;
        } finally {
          run.budget.nesting--;
        }
      }
      return undefined;
    },
    assign: (target, value, scope) => assignTo(target, value, scope, run),
    call(callee, args, site) {
      spend();
      return call(callee, args, site);
    },
    construct: (of, args, site) => construct(of, args, site),
    attribute: (value, name, site) => attributeOf(value, name, site, run),
    findAttribute: (value, name, site) => findAttribute(value, name, site, run),
    setAttribute: (value, name, given, site) => setAttributeOf(value, name, given, site, run),
    iterate: (value, site) => iterate(value, site, run),
    truth: (value, site) => truthOf(value, site, run),
    order: (a, b, site) => orderOf(a, b, site, run),
    text: (value, site) => textOf(value, site, run),
    repr: (value, site) => reprOf(value, site, run),
    binary(operator, first, second, site) {
      for (const side of [first, second]) if (side.type === 'unknown') return side;
      const own = ownBinary(operator, first, second, site, run);
      if (own) return own;
      const [left, right] = [plainMember(first), plainMember(second)];
      if (left.type === 'tensor' || right.type === 'tensor') {
        const result = run.operate(operator, left, right, site);
        if (result) return result;
      } else {
        const result = arithmetic(operator, left, right);
        if (result) return result;
        const method = OPERATOR_METHODS[operator];
        const dynamic =
          method && (left.type === 'instance' || left.type === 'module')
            ? run.findAttribute(left, method, site)
            : undefined;
        if (dynamic) return run.call(dynamic, positional(right), site);
        const numbers = [left, right].every(({ type }) => type === 'int' || type === 'float' || type === 'bool');
        if (numbers) return run.raise('ZeroDivisionError', 'division by zero', site);
        const plain = /^(none|string|list|tuple|dict|int|float|bool)$/;
        if (plain.test(left.type) && plain.test(right.type)) {
          const kinds = `'${typeName(left)}' and '${typeName(right)}'`;
          return run.raise('TypeError', `unsupported operand type(s) for ${operator}: ${kinds}`, site);
        }
      }
      return run.unmodelled(
        `${typeName(left)} ${operator} ${typeName(right)}`,
        'this operator is not modelled for these values',
        site,
      );
    },
    subscript(value, index, site) {
      if (value.type === 'unknown') return value;
      if (index.type === 'unknown') return index;
      if (value.type === 'tensor') return run.tensorItem(value, index, site);
      if (value.type === 'class') {
        const member = index.type === 'string' ? value.attributes.get(index.value) : undefined;
        if (member?.type === 'instance' && member.member) return member;
        const own = byMeta(value, '__getitem__', [index], site, run);
        if (own) return own;
        const of = classAttribute(value, '__class_getitem__');
        const callee = of?.type === 'classmethod' ? of.callee : of;
        if (callee?.type === 'function') return run.call(callee, positional(value, index), site);
      }
      if (value.type === 'library' && value.path === 'sys.modules' && index.type === 'string')
        return run.imports.named(index.value) ?? value;
      if (value.type === 'library' && value.path === 'os.environ' && index.type === 'string')
        return unknown(`the environment's variable ${index.value} is not known before running`, site);
      let found = item(value, index);
      if (found && 'error' in found && found.error === 'KeyError' && registers(value, index))
        found = item(value, index);
      if (found && 'error' in found) {
        if (value.type !== 'dict' || !value.factory) return run.raise(found.error, found.text, site);
        const made = run.call(value.factory, positional(), site);
        value.entries.set(hashKey(index)!, { key: index, value: made });
        return made;
      }
      if (found) return found;
      if (value.type === 'instance' && value.held && !classAttribute(value.class, '__getitem__')) {
        const missing = value.held.type === 'dict' ? special(value, '__missing__') : undefined;
        return missing && value.held.type === 'dict' && !value.held.entries.has(hashKey(index) ?? '')
          ? run.call(missing, positional(index), site)
          : run.subscript(value.held, index, site);
      }
      // `models.__dict__['resnet18']`.
      if (index.type === 'string' && (value.type === 'library' || value.type === 'file') && /^\w+$/.test(index.value))
        return run.attribute(value, index.value, site);
      if (value.type === 'library' || value.type === 'class' || value.type === 'record')
        return value.type === 'record' ? unknown(`an element of ${value.path}`, site) : value;
      const getter = run.findAttribute(value, '__getitem__', site);
      if (getter) return run.call(getter, { positional: [index], keywords: new Map() }, site);
      return run.unmodelled(`${typeName(value)}[${repr(index)}]`, 'this index is not modelled', site);
    },
    contains(container, value, site) {
      if (container.type === 'instance' || container.type === 'module') {
        const method = classAttribute(container.class, '__contains__');
        if (method?.type === 'function' || method?.type === 'builtin')
          return truth(run.call({ type: 'method', receiver: container, callee: method }, positional(value), site));
        if (container.type === 'instance' && container.held) return run.contains(container.held, value, site);
        if (container.type === 'instance') {
          const items = run.iterate(container, site);
          return items && contains(tuple(items), value);
        }
      }
      // Nothing is set where the script is read.
      if (container.type === 'library' && container.path === 'os.environ') return false;
      if (container.type === 'library' && container.path === 'sys.modules' && value.type === 'string')
        return run.imports.named(value.value) !== undefined;
      if (container.type === 'library' && container.path.endsWith('.__dir__') && value.type === 'string')
        return run.library(`${container.path.slice(0, -8)}.${value.value}`).type !== 'library';
      if (container.type === 'iterator') return contains(tuple(run.iterate(container, site) ?? []), value);
      if (container.type === 'class') {
        const members = run.iterate(container, site);
        return members && contains(tuple(members), value);
      }
      const found = contains(container, value);
      return found === false && registers(container, value) ? contains(container, value) : found;
    },
    registers: (container, key) => registers(container, key),
    // What names mean comes from the framework, below.
    library: (path) => meanings.library(path),
    libraryClass: (path) => meanings.libraryClass(path),
    pythonName: (name) => meanings.pythonName(name),
    method: (value, name) => meanings.method(value, name),
    operate: (operator, left, right, site) => meanings.operate(operator, left, right, site),
    tensorItem: (value, index, site) => meanings.tensorItem(value, index, site),
    setTensorItem: (value, index, given, site) => meanings.setTensorItem(value, index, given, site),
    writeTo: (target, values, site) => writeTo(target, values, run, site),
    tensorUnary: (operator, value, site) => meanings.tensorUnary(operator, value, site),

    span: (node) => spanOf(node.document, node.start, node.end),
    strict: () => run.owners.length > 0 || run.trace !== undefined,
    lenient: (scope) => !run.strict() && (scope.kind === 'module' || globalScope(scope) === globals),
    unmodelled(what, why, source) {
      const value = unknown(why, source);
      if (run.strict() || run.away > 0) note(what, why, source);
      return value;
    },
    note(value, what = 'a value') {
      if (run.strict() || run.away > 0) note(what, value.why, value.source);
    },
    raise(kind, text, source): never {
      throw new PythonError(kind, text, source, run.strict());
    },
    refuse(error, source): never {
      throw new PythonError('ValueError', error.message, source, true, error.mend);
    },
  };
  const meanings = framework.meanings(run);

  /**
   * Asks files that an import named and that nothing has needed yet to run, where they say the text that a dictionary or
   * set lacks: a registry is filled by its files as they are imported.
   */
  function registers(container: Value, key: Value): boolean {
    if (key.type !== 'string' || (container.type !== 'dict' && container.type !== 'set')) return false;
    return run.imports.filledBy(container, key.value);
  }

  function note(what: string, why: string, source: Span): void {
    if (findings.notes.length >= 2000) return;
    const owner = run.owners[0];
    findings.notes.push({ what, why, source, ...(owner && { owner }) });
  }

  function spend(): void {
    run.budget.operations -= run.away > 0 ? LIBRARY_SHARE : 1;
    run.budget.spent++;
    if (run.budget.operations < 0) throw new BudgetExceeded(`more than ${LIMITS.operations} steps`);
    if (run.budget.nesting > LIMITS.nesting) throw new BudgetExceeded('code nested too deeply');
  }

  function call(callee: Value, args: Arguments, site: Span): Value {
    switch (callee.type) {
      case 'unknown':
        return callee;
      case 'function':
        return callFunction(callee, args, undefined, run, site);
      case 'builtin':
        return callee.call(args, site);
      case 'method': {
        const { receiver } = callee;
        const bound = withReceiver(receiver, args);
        if (callee.callee.type === 'builtin') return callee.callee.call(bound, site);
        const made = callee.callee;
        if (receiver.type !== 'module' || run.owners.at(-1) === receiver)
          return callFunction(made, bound, receiver, run, site);
        const before = findings.notes.length;
        const byScript = run.owners.length === 0 && !run.trace && usesOnly(made.name, args);
        run.owners.push(receiver);
        try {
          return callFunction(made, bound, receiver, run, site);
        } finally {
          run.owners.pop();
          if (byScript) findings.notes.length = before;
        }
      }
      case 'class':
        return callByMeta(callee, args, site, run) ?? construct(callee, args, site);
      case 'module': {
        const own = classAttribute(callee.class, '__call__');
        const before = findings.notes.length;
        const byScript = run.owners.length === 0 && !run.trace;
        const result =
          own?.type === 'function' || own?.type === 'builtin'
            ? call({ type: 'method', receiver: callee, callee: own }, args, site)
            : callModule(callee, args, site, run);
        // What the script feeds its model says nothing of the network: the forward is followed apart.
        if (byScript) findings.notes.length = before;
        return result;
      }
      case 'instance': {
        const own = classAttribute(callee.class, '__call__');
        if (own?.type === 'function' || own?.type === 'builtin')
          return call({ type: 'method', receiver: callee, callee: own }, args, site);
        return run.unmodelled(callee.class.name, 'calling this object is not modelled', site);
      }
      case 'library':
        {
          const passed = framework.passed?.(callee.path, args, site);
          if (passed) return passed;
        }
        if (framework.silent.test(callee.path)) return unknown(`${callee.path} is not modelled`, site);
        return run.unmodelled(callee.path, `${callee.path} is not modelled${unread(callee.path, run)}`, site);
      case 'record':
        return (
          framework.recordCalled?.(callee, args, site) ??
          unknown(`what ${callee.path} gives is not known before running`, site)
        );
      default:
        return run.raise('TypeError', `'${typeName(callee)}' object is not callable`, site);
    }
  }

  /** A model's arguments, those that are not known replaced by usual values where their names say one, which is noted. */
  function withUsual(made: ModuleValue, init: FunctionValue, args: Arguments, site: Span): Arguments {
    const usual = (name: string | undefined, value: Value): Value => {
      const found =
        value.type === 'unknown' && name ? framework.usualArgument?.(name, made.class, site, run) : undefined;
      if (!found || value.type !== 'unknown') return value;
      if (found.words !== '')
        findings.notes.push({
          what: `${made.class.name}'s argument ${name}`,
          why: `it is not known (${value.why}); ${found.words}`,
          source: site,
          owner: made,
        });
      return found.value;
    };
    return {
      ...args,
      positional: args.positional.map((value, i) => {
        const parameter = init.parameters[i + 1];
        return usual(parameter?.kind === 'positional' ? parameter.name : undefined, value);
      }),
      keywords: new Map([...args.keywords].map(([name, value]) => [name, usual(name, value)])),
    };
  }

  /** Makes an object of a class of the file or of a library. */
  function construct(of: ClassValue, args: Arguments, site: Span): Value {
    if (of.construct) return of.construct(args, site);
    if (isEnumeration(of) && args.positional.length === 1 && args.keywords.size === 0) {
      const [wanted] = args.positional;
      if (wanted!.type === 'unknown') return wanted!;
      const found = memberOf(of, wanted!, equal);
      return found ?? run.raise('ValueError', `${repr(wanted!)} is not a valid ${of.name}`, site);
    }
    const [kind, members] = args.positional;
    if (/^enum\.\w*(Enum|Flag)$/.test(of.path ?? '') && kind?.type === 'string' && members)
      return enumerationOf(of, kind.value, members, site, run);
    const maker = of.resolution.find((base) => base.construct);
    const isModule = of.resolution.some(({ path }) => path !== undefined && framework.moduleBases.includes(path));
    if (maker && !isModule && !/^(builtins|collections)\./.test(maker.path ?? '')) return maker.construct!(args, site);
    const creator = isModule ? undefined : classAttribute(of, '__new__');
    const own = creator?.type === 'staticmethod' ? creator.callee : creator;
    const created =
      own?.type === 'function'
        ? callFunction(own, { ...args, positional: [of, ...args.positional] }, of, run, site)
        : undefined;
    if (created && !(created.type === 'instance' && created.class.resolution.includes(of))) return created;
    const made: Value = isModule
      ? newModule(of, site)
      : (created ?? { type: 'instance', class: of, attributes: new Map() });
    if (maker && made.type === 'instance' && !made.held) {
      // Below list or dict: it holds one. Where the class has no constructor of its own, its arguments fill it.
      const own = classAttribute(of, '__init__')?.type;
      const given = own === 'function' || own === 'builtin' ? { positional: [], keywords: new Map() } : args;
      made.held = maker.construct!(given, site);
      if (given === args) return made;
    }
    if (made.type === 'instance' && of.unknownBase && !classAttribute(of, '__init__'))
      return unknown(`${of.name}: ${of.unknownBase.why}`, site);
    const init = classAttribute(of, '__init__');
    if (init?.type === 'function' || init?.type === 'builtin') {
      const outermost = made.type === 'module' && run.owners.length === 0 && !run.trace;
      const known = outermost && init.type === 'function' ? withUsual(made, init, args, site) : args;
      try {
        call({ type: 'method', receiver: made, callee: init }, known, site);
      } catch (error) {
        if (error instanceof ShapeError) run.refuse(error, site);
        if (!(error instanceof BudgetExceeded) || made.type !== 'module' || run.owners.length > 0) throw error;
        // What was registered before the limit stands.
        run.owners.push(made);
        note(of.name, `its constructor was not read to the end: ${error.message}`, site);
        run.owners.pop();
      }
    } else if (args.positional.length + args.keywords.size > 0 && !of.unknownBase && !created) {
      run.raise('TypeError', `${of.name}() takes no arguments`, site);
    }
    // `trainer.fit(Net())`: a model that no variable holds.
    if (made.type === 'module' && of.source && run.owners.length === 0 && !run.trace)
      findings.localModels.push({ name: of.name, module: made, passing: true });
    return made;
  }

  return run;
}
