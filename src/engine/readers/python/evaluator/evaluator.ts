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
  newScope,
  repr,
  type Scope,
  string,
  typeName,
  unknown,
  type Value,
} from '../values';
import { assignTo } from './assignment';
import { attributeOf, findAttribute, setAttributeOf } from './attributes';
import { BudgetExceeded, LIMITS, newBudget } from './budget';
import { classAttribute, withReceiver } from './classes';
import type { Completion, Evaluation, Findings } from './evaluation';
import { assignedNames, expressions } from './expressions';
import type { Framework } from './framework';
import { bindArguments, callFunction } from './functions';
import { item } from './indexing';
import { iterate } from './iteration';
import { arithmetic, OPERATOR_METHODS } from './operators';
import { PythonError } from './pythonError';
import { statements } from './statements';

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
    if (run.strict() || run.tryDepth > 0) return rule(node, scope, run);
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
    owners: [],
    tryDepth: 0,
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
    attribute: (value, name, site) => attributeOf(value, name, site, run),
    findAttribute: (value, name, site) => findAttribute(value, name, site, run),
    setAttribute: (value, name, given, site) => setAttributeOf(value, name, given, site, run),
    iterate: (value, site) => iterate(value, site, run),
    binary(operator, left, right, site) {
      for (const side of [left, right]) if (side.type === 'unknown') return side;
      if (left.type === 'tensor' || right.type === 'tensor') {
        const result = run.operate(operator, left, right, site);
        if (result) return result;
      } else {
        const result = arithmetic(operator, left, right);
        if (result) return result;
        const method = OPERATOR_METHODS[operator];
        const own =
          method && (left.type === 'instance' || left.type === 'module')
            ? run.findAttribute(left, method, site)
            : undefined;
        if (own) return run.call(own, { positional: [right], keywords: new Map() }, site);
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
      const found = item(value, index);
      if (found && 'error' in found) return run.raise(found.error, found.text, site);
      if (found) return found;
      if (value.type === 'library' || value.type === 'class' || value.type === 'record')
        return value.type === 'record' ? unknown(`an element of ${value.path}`, site) : value;
      const getter = run.findAttribute(value, '__getitem__', site);
      if (getter) return run.call(getter, { positional: [index], keywords: new Map() }, site);
      return run.unmodelled(`${typeName(value)}[${repr(index)}]`, 'this index is not modelled', site);
    },
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
    unmodelled(what, why, source) {
      const value = unknown(why, source);
      if (run.strict()) note(what, why, source);
      return value;
    },
    note(value, what = 'a value') {
      if (run.strict()) note(what, value.why, value.source);
    },
    raise(kind, text, source): never {
      throw new PythonError(kind, text, source, run.strict());
    },
    refuse(error, source): never {
      throw new PythonError('ValueError', error.message, source, true, error.mend);
    },
  };
  const meanings = framework.meanings(run);

  function note(what: string, why: string, source: Span): void {
    if (findings.notes.length >= 2000) return;
    const owner = run.owners[0];
    findings.notes.push({ what, why, source, ...(owner && { owner }) });
  }

  function spend(): void {
    if (--run.budget.operations < 0) throw new BudgetExceeded(`more than ${LIMITS.operations} steps`);
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
        run.owners.push(receiver);
        try {
          return callFunction(made, bound, receiver, run, site);
        } finally {
          run.owners.pop();
        }
      }
      case 'class':
        return construct(callee, args, site);
      case 'module': {
        const own = classAttribute(callee.class, '__call__');
        return own?.type === 'function'
          ? call({ type: 'method', receiver: callee, callee: own }, args, site)
          : callModule(callee, args, site, run);
      }
      case 'instance': {
        const own = classAttribute(callee.class, '__call__');
        if (own?.type === 'function') return call({ type: 'method', receiver: callee, callee: own }, args, site);
        return run.unmodelled(callee.class.name, 'calling this object is not modelled', site);
      }
      case 'library':
        if (framework.silent.test(callee.path)) return unknown(`${callee.path} is not modelled`, site);
        return run.unmodelled(callee.path, `${callee.path} is not modelled`, site);
      case 'record':
        return unknown(`what ${callee.path} gives is not known before running`, site);
      default:
        return run.raise('TypeError', `'${typeName(callee)}' object is not callable`, site);
    }
  }

  /** Makes an object of a class of the file or of a library. */
  function construct(of: ClassValue, args: Arguments, site: Span): Value {
    if (of.construct) return of.construct(args, site);
    const maker = of.resolution.find((base) => base.construct);
    if (maker && !of.resolution.some(({ path }) => path === 'torch.nn.Module')) return maker.construct!(args, site);
    const isModule = of.resolution.some(({ path }) => path === 'torch.nn.Module');
    const made: Value = isModule ? newModule(of, site) : { type: 'instance', class: of, attributes: new Map() };
    if (made.type === 'instance' && of.unknownBase && !classAttribute(of, '__init__'))
      return unknown(`${of.name}: ${of.unknownBase.why}`, site);
    const init = classAttribute(of, '__init__');
    const fields = of.resolution.find((base) => base.fields)?.fields;
    if (made.type === 'instance' && fields && init?.type !== 'function') {
      const values = bindArguments(of.name, fields, args, (text) => run.raise('TypeError', text, site));
      for (const [name, value] of values) made.attributes.set(name, value);
      const after = classAttribute(of, '__post_init__');
      if (after?.type === 'function')
        call({ type: 'method', receiver: made, callee: after }, { positional: [], keywords: new Map() }, site);
      return made;
    }
    if (init?.type === 'function' || init?.type === 'builtin') {
      try {
        call({ type: 'method', receiver: made, callee: init }, args, site);
      } catch (error) {
        if (error instanceof ShapeError) run.refuse(error, site);
        if (!(error instanceof BudgetExceeded) || made.type !== 'module' || run.owners.length > 0) throw error;
        // What was registered before the limit stands.
        run.owners.push(made);
        note(of.name, `its constructor was not read to the end: ${error.message}`, site);
        run.owners.pop();
      }
    } else if (args.positional.length + args.keywords.size > 0 && !of.unknownBase) {
      run.raise('TypeError', `${of.name}() takes no arguments`, site);
    }
    return made;
  }

  return run;
}
