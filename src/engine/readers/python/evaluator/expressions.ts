import type { Span } from '../../../network';
import { descendants, field, type SyntaxNode } from '../syntax';
import {
  type Arguments,
  bind,
  bool,
  dict,
  every,
  FALSE,
  float,
  fromStars,
  globalScope,
  hashKey,
  int,
  list,
  lookup,
  NONE,
  positional,
  repr,
  type Scope,
  string,
  TRUE,
  tuple,
  typeName,
  type UnknownValue,
  unknown,
  type Value,
} from '../values';
import { checkSize } from './budget';
import { classAttribute } from './classes';
import { comprehension } from './comprehensions';
import type { Evaluation } from './evaluation';
import { formatValue } from './format';
import { makeFunction } from './functions';
import { contentText, integerValue, stringPrefix } from './literals';
import { liveAttributes } from './liveAttributes';
import { comparison, unary } from './operators';
import { ownComparison, ownUnary } from './ownOperators';
import { conditionMark, eitherValue } from './speculation';

/** How one kind of expression is evaluated. */
export type ExpressionRule = (node: SyntaxNode, scope: Scope, run: Evaluation) => Value;

/** Kinds of expressions that the grammar puts around a splat of them: `*x.shape` comes as the attribute of `*x`. */
const AROUND_SPLAT = /^(call|attribute|subscript|binary_operator)$/;

/** What a splat spreads; undefined for a node that is none. */
function splatOf(node: SyntaxNode): SyntaxNode | undefined {
  if (node.type === 'list_splat') return node.children[0];
  if (!AROUND_SPLAT.test(node.type)) return undefined;
  const [first] = node.children;
  const inner = first && splatOf(first);
  if (!inner) return undefined;
  const put = (nodes: readonly SyntaxNode[]) => nodes.map((each) => (each === first ? inner : each));
  const { type, document, named, text, end, children, tokens, fields } = node;
  return {
    type,
    document,
    named,
    text: text.replace(/^\*\s*/, ''),
    start: inner.start,
    end,
    children: put(children),
    tokens: put(tokens),
    fields: Object.fromEntries(Object.entries(fields).map(([name, nodes]) => [name, put(nodes)])),
  };
}

/** The elements of a list, tuple, set or argument list, splats spread; an unknown splat makes the whole unknown. */
function elements(nodes: readonly SyntaxNode[], scope: Scope, run: Evaluation): Value[] | UnknownValue {
  const items: Value[] = [];
  for (const node of nodes) {
    const splat = splatOf(node);
    if (!splat) {
      items.push(run.evaluate(node, scope));
      continue;
    }
    const spread = run.evaluate(splat, scope);
    const more = run.iterate(spread, run.span(node));
    if (!more) return spread.type === 'unknown' ? spread : unknown(`'${node.text}' is not known`, run.span(node));
    checkSize(items.length + more.length);
    items.push(...more);
  }
  return items;
}

const sequence =
  (make: (items: Value[]) => Value): ExpressionRule =>
  (node, scope, run) => {
    const items = elements(node.children, scope, run);
    return Array.isArray(items) ? make(items) : items;
  };

/** What `**` spreads of an object: what it holds below dict, or what its `keys()` and `__getitem__` give. */
export function mappingOf(value: Value, site: Span, run: Evaluation): Value {
  if (value.type !== 'instance') return value;
  if (value.held?.type === 'dict') return value.held;
  const keys = run.findAttribute(value, 'keys', site);
  const names = keys && keys.type !== 'unknown' ? run.iterate(run.call(keys, positional(), site), site) : undefined;
  return names ? dict(names.map((name) => [name, run.subscript(value, name, site)] as const)) : value;
}

/** The arguments of a call, evaluated in order. */
export function evaluateArguments(node: SyntaxNode | undefined, scope: Scope, run: Evaluation): Arguments {
  if (!node) return { positional: [], keywords: new Map() };
  if (node.type === 'generator_expression') return { positional: [run.evaluate(node, scope)], keywords: new Map() };
  const positional: Value[] = [];
  const keywords = new Map<string, Value>();
  let open: UnknownValue | undefined;
  const unknownSplat = (value: Value, child: SyntaxNode) => {
    open ??= value.type === 'unknown' ? value : unknown(`'${child.text}' is not known`, run.span(child));
  };
  for (const child of node.children) {
    if (child.type === 'keyword_argument') {
      keywords.set(field(child, 'name')!.text, run.evaluate(field(child, 'value')!, scope));
    } else if (child.type === 'list_splat') {
      const value = run.evaluate(child.children[0]!, scope);
      const items = run.iterate(value, run.span(child));
      if (items) positional.push(...items);
      else unknownSplat(value, child);
    } else if (child.type === 'dictionary_splat') {
      const value = mappingOf(run.evaluate(child.children[0]!, scope), run.span(child), run);
      if (value.type !== 'dict') unknownSplat(value, child);
      else
        for (const { key, value: given } of value.entries.values())
          if (key.type === 'string') keywords.set(key.value, given);
    } else positional.push(run.evaluate(child, scope));
  }
  return open ? { positional, keywords, open } : { positional, keywords };
}

/** A string literal, its f-string places filled in. */
function stringValue(node: SyntaxNode, scope: Scope, run: Evaluation): Value {
  const raw = stringPrefix(node).includes('r');
  let text = '';
  for (const part of node.children) {
    if (part.type === 'string_content') {
      const plain = contentText(part, raw);
      text += stringPrefix(node).includes('f') ? plain.replaceAll('{{', '{').replaceAll('}}', '}') : plain;
    } else if (part.type === 'escape_interpolation') text += part.text[0];
    else if (part.type === 'interpolation') {
      const value = run.evaluate(field(part, 'expression')!, scope);
      if (value.type === 'unknown') return value;
      const conversion = field(part, 'type_conversion')?.text;
      const specifier = field(part, 'format_specifier');
      const formatted = formattedPlace(
        value,
        conversion,
        specifier ? specifierText(specifier, scope, run) : '',
        part,
        run,
      );
      if (formatted === undefined) return unknown(`the format '${part.text}' is not known`, run.span(part));
      text += part.tokens.some((token) => token.text === '=')
        ? `${field(part, 'expression')!.text}=${specifier || conversion || value.type !== 'string' ? formatted : repr(value)}`
        : formatted;
    }
  }
  checkSize(text.length);
  return string(text);
}

/** One place of an f-string: by the object's own `__format__`, `__str__` or `__repr__` where it has one. */
function formattedPlace(
  value: Value,
  conversion: string | undefined,
  specifier: string,
  part: SyntaxNode,
  run: Evaluation,
): string | undefined {
  const site = run.span(part);
  if (conversion === '!r' || conversion === '!a') return formatValue(string(run.repr(value, site)), specifier);
  if (conversion === '!s') return formatValue(string(run.text(value, site)), specifier);
  if (value.type !== 'instance' && value.type !== 'list' && value.type !== 'tuple' && value.type !== 'dict')
    return formatValue(value, specifier);
  const own = value.type === 'instance' ? classAttribute(value.class, '__format__') : undefined;
  if (own?.type !== 'function') return formatValue(string(run.text(value, site)), specifier);
  const shown = run.call({ type: 'method', receiver: value, callee: own }, positional(string(specifier)), site);
  return shown.type === 'string' ? shown.value : undefined;
}

/** A format specifier without its colon, its own places filled in. */
function specifierText(node: SyntaxNode, scope: Scope, run: Evaluation): string {
  let text = node.text.slice(1);
  for (const inner of node.children) {
    const expression = field(inner, 'expression');
    if (!expression) continue;
    const value = run.evaluate(expression, scope);
    text = text.replace(inner.text, value.type === 'unknown' ? '' : repr(value));
  }
  return text;
}

const COMPARISONS = /^([<>]=?|[=!]=)$/;

/** A chain of comparisons: `a < b <= c`. Tensors compare element by element. */
function compareChain(node: SyntaxNode, scope: Scope, run: Evaluation): Value {
  // `not in` and `is not` come as one token of the field or as two tokens, by version of the grammar.
  const operators = (node.fields.operators ?? []).map((token) => token.text.replace(/\s+/g, ' '));
  const operands = node.children.map((child) => run.evaluate(child, scope));
  const [first, second] = operands;
  if (
    operands.length === 2 &&
    (first!.type === 'tensor' || second!.type === 'tensor') &&
    COMPARISONS.test(operators[0]!)
  ) {
    for (const operand of operands) if (operand.type === 'unknown') return operand;
    const compared = run.operate(operators[0]!, first!, second!, run.span(node));
    if (compared) return compared;
  }
  const truths: (boolean | undefined)[] = [];
  for (let i = 0; i + 1 < operands.length; i++) {
    const [left, right] = [operands[i]!, operands[i + 1]!];
    const known = compared(operators[i] ?? '', left, right, run.span(node), run);
    if (known === undefined && left.type !== 'unknown' && right.type !== 'unknown') {
      const order = /[<>]/.test(operators[i] ?? '');
      const plain = [left, right].every(
        ({ type }) => type === 'int' || type === 'float' || type === 'string' || type === 'none',
      );
      if (order && plain) {
        const kinds = `'${typeName(left)}' and '${typeName(right)}'`;
        run.raise('TypeError', `'${operators[i]}' not supported between instances of ${kinds}`, run.span(node));
      }
    }
    truths.push(known);
  }
  const all = every(truths);
  if (all !== undefined) return bool(all);
  const reason = operands.find((operand): operand is UnknownValue => operand.type === 'unknown');
  return reason ?? unknown(`'${node.text}' hangs on a value that is not known before running`, run.span(node));
}

function compared(operator: string, left: Value, right: Value, site: Span, run: Evaluation): boolean | undefined {
  if (operator !== 'in' && operator !== 'not in') {
    const own = ownComparison(operator, left, right, site, run);
    return own ? run.truth(own, site) : comparison(operator, left, right);
  }
  if (left.type === 'unknown' || right.type === 'unknown') return undefined;
  const inside = run.contains(right, left, site);
  return inside === undefined ? undefined : inside === (operator === 'in');
}

/** How each kind of expression is evaluated, by the grammar's name for it. */
export const expressions: Readonly<Record<string, ExpressionRule>> = {
  identifier(node, scope, run) {
    const value = lookup(scope, node.text) ?? run.pythonName(node.text) ?? starred(node.text, scope, run);
    if (value) return value;
    // In the script a name that nobody defines costs nothing; in model code Python would stop there.
    if (run.lenient(scope) && run.tryDepth === 0) return unknown(`name '${node.text}' is not defined`, run.span(node));
    return run.raise('NameError', `name '${node.text}' is not defined`, run.span(node));
  },
  integer: (node, _, run) =>
    /[jJ]$/.test(node.text)
      ? unknown('complex numbers are not modelled', run.span(node))
      : int(integerValue(node.text.replace(/[lL]$/, ''))),
  float: (node, _, run) =>
    /[jJ]$/.test(node.text)
      ? unknown('complex numbers are not modelled', run.span(node))
      : float(Number(node.text.replaceAll('_', ''))),
  true: () => TRUE,
  false: () => FALSE,
  none: () => NONE,
  ellipsis: () => ({ type: 'ellipsis' }),
  string: stringValue,
  concatenated_string(node, scope, run) {
    let text = '';
    for (const child of node.children) {
      const part = run.evaluate(child, scope);
      if (part.type !== 'string') return part;
      text += part.value;
    }
    return string(text);
  },
  list: sequence(list),
  tuple: sequence(tuple),
  expression_list: sequence(tuple),
  pattern_list: sequence(tuple),
  set(node, scope, run) {
    const items = elements(node.children, scope, run);
    if (!Array.isArray(items)) return items;
    return { type: 'set', entries: new Map(items.map((item) => [hashKey(item) ?? '', item])) };
  },
  dictionary(node, scope, run) {
    const pairs: [Value, Value][] = [];
    for (const child of node.children) {
      if (child.type === 'pair') {
        const key = run.evaluate(field(child, 'key')!, scope);
        if (hashKey(key) === undefined)
          return unknown(`the key '${field(child, 'key')!.text}' is not known`, run.span(child));
        pairs.push([key, run.evaluate(field(child, 'value')!, scope)]);
      } else {
        const more = mappingOf(run.evaluate(child.children[0]!, scope), run.span(child), run);
        if (more.type !== 'dict')
          return more.type === 'unknown' ? more : unknown(`'${child.text}' is not known`, run.span(child));
        for (const { key, value } of more.entries.values()) pairs.push([key, value]);
      }
    }
    return dict(pairs);
  },
  parenthesized_expression: (node, scope, run) => run.evaluate(node.children[0]!, scope),
  named_expression(node, scope, run) {
    const value = run.evaluate(field(node, 'value')!, scope);
    bind(scope, field(node, 'name')!.text, value);
    return value;
  },
  binary_operator: (node, scope, run) =>
    run.binary(
      field(node, 'operator')!.text,
      run.evaluate(field(node, 'left')!, scope),
      run.evaluate(field(node, 'right')!, scope),
      run.span(node),
    ),
  boolean_operator(node, scope, run) {
    const left = run.evaluate(field(node, 'left')!, scope);
    const known = run.truth(left, run.span(node));
    const isAnd = field(node, 'operator')!.text === 'and';
    if (known !== undefined) return known === isAnd ? run.evaluate(field(node, 'right')!, scope) : left;
    const right = run.evaluate(field(node, 'right')!, scope);
    // `unknown and False` is false, `unknown or True` is true, whatever the unknown is.
    if (right.type === 'bool' && right.value !== isAnd) return right;
    return left.type === 'unknown' ? left : unknown(`'${node.text}' is not known before running`, run.span(node));
  },
  not_operator(node, scope, run) {
    const value = run.evaluate(field(node, 'argument')!, scope);
    if (value.type === 'unknown') return value;
    const known = run.truth(value, run.span(node));
    return known !== undefined ? bool(!known) : unknown(`'${node.text}' is not known before running`, run.span(node));
  },
  unary_operator(node, scope, run) {
    const value = run.evaluate(field(node, 'argument')!, scope);
    if (value.type === 'unknown') return value;
    const operator = field(node, 'operator')!.text;
    const own = ownUnary(operator, value, run.span(node), run);
    if (own) return own;
    const known = unary(operator, value);
    if (known) return known;
    const computed = value.type === 'tensor' ? run.tensorUnary(operator, value, run.span(node)) : undefined;
    if (computed) return computed;
    if (value.type === 'tensor' || value.type === 'dim')
      return run.unmodelled(node.text, 'this operator is not modelled here', run.span(node));
    return run.raise('TypeError', `bad operand type for unary ${operator}: '${typeName(value)}'`, run.span(node));
  },
  comparison_operator: compareChain,
  conditional_expression(node, scope, run) {
    const [body, condition, alternative] = node.children;
    const takeBack = conditionMark(run);
    const tested = run.evaluate(condition!, scope);
    const known = run.truth(tested, run.span(condition!));
    if (known !== undefined) return run.evaluate(known ? body! : alternative!, scope);
    takeBack();
    if (!run.lenient(scope) && run.trace) return eitherValue([body!, alternative!], condition!, scope, run);
    if (!run.lenient(scope)) {
      return run.unmodelled(condition!.text, 'this condition is not known before running', run.span(node));
    }
    run.evaluate(body!, scope);
    run.evaluate(alternative!, scope);
    return unknown(`'${condition!.text}' is not known before running`, run.span(node));
  },
  lambda: (node, scope, run) => makeFunction(node, scope, run),
  call(node, scope, run) {
    const callee = field(node, 'function')!;
    if (callee.type === 'identifier' && callee.text === 'super') return superValue(node, scope, run);
    if (callee.type === 'identifier' && callee.text === 'locals' && !lookup(scope, 'locals'))
      return dict([...scope.names].map(([name, value]) => [string(name), value] as const));
    if (callee.type === 'identifier' && callee.text === 'globals' && !lookup(scope, 'globals'))
      return liveAttributes(globalScope(scope).names);
    const value = run.evaluate(callee, scope);
    const args = evaluateArguments(field(node, 'arguments'), scope, run);
    return run.call(value, args, run.span(node));
  },
  attribute(node, scope, run) {
    const object = run.evaluate(field(node, 'object')!, scope);
    return run.attribute(object, field(node, 'attribute')!.text, run.span(node));
  },
  subscript(node, scope, run) {
    const of = field(node, 'value')!;
    const value = run.evaluate(of, scope);
    const index = subscriptIndex(node, scope, run);
    // An import whose name nothing has asked for yet is found by asking.
    const file = globalScope(scope);
    const named =
      of.text === 'globals()' && index.type === 'string'
        ? (lookup(file, index.value) ?? fromStars(file.stars, index.value))
        : undefined;
    return named ?? run.subscript(value, index, run.span(node));
  },
  slice(node, scope, run) {
    const parts: Value[] = [NONE, NONE, NONE];
    let place = 0;
    for (const token of node.tokens) {
      if (token.text === ':' && !token.named) place++;
      else if (place < 3) parts[place] = run.evaluate(token, scope);
    }
    return { type: 'slice', start: parts[0]!, stop: parts[1]!, step: parts[2]! };
  },
  list_comprehension: (node, scope, run) => comprehension(node, scope, run),
  generator_expression: (node, scope, run) => comprehension(node, scope, run),
  set_comprehension: (node, scope, run) => comprehension(node, scope, run),
  dictionary_comprehension: (node, scope, run) => comprehension(node, scope, run),
  await: (node, scope, run) => run.evaluate(node.children[0]!, scope),
  yield(node, scope, run) {
    const value = node.children[0] ? run.evaluate(node.children[0], scope) : NONE;
    let at: Scope | undefined = scope;
    while (at && !at.yields) at = at.parent;
    const delegated = node.tokens.some((token) => token.text === 'from');
    const from = (delegated ? run.iterate(value, run.span(node)) : [value]) ?? [
      unknown('what is yielded here is not known', run.span(node)),
    ];
    if (at?.yieldTo) for (const each of from) at.yieldTo(each);
    else at?.yields?.push(...from);
    return delegated && value.type === 'iterator' ? (value.result ?? NONE) : NONE;
  },
};

/** A name that a `from … import *` of the file may have brought. */
function starred(name: string, scope: Scope, run: Evaluation): Value | undefined {
  const value = fromStars(globalScope(scope).stars, name);
  if (value) return value;
  for (const path of [...run.findings.starImports].reverse()) {
    const value = run.library(`${path}.${name}`);
    if (value.type !== 'library') return value;
  }
  const [path] = run.findings.starImports;
  return path === undefined ? undefined : { type: 'library', path: `${path}.${name}` };
}

/** The index in `x[…]`; several with commas are a tuple. */
export function subscriptIndex(node: SyntaxNode, scope: Scope, run: Evaluation): Value {
  const indices = node.fields.subscript!.filter((index) => index.named);
  if (indices.length === 1 && !node.tokens.some((token) => token.text === ',')) return run.evaluate(indices[0]!, scope);
  return tuple(indices.map((index) => run.evaluate(index, scope)));
}

/** `super()`, or `super(Class, self)` as older code writes it. */
function superValue(node: SyntaxNode, scope: Scope, run: Evaluation): Value {
  const given = evaluateArguments(field(node, 'arguments'), scope, run).positional;
  let at: Scope | undefined = scope;
  while (at && !at.method) at = at.parent;
  const owner = given[0] ?? at?.method?.owner;
  const receiver = given[1] ?? at?.method?.receiver;
  if (
    owner?.type === 'class' &&
    (receiver?.type === 'module' || receiver?.type === 'instance' || receiver?.type === 'class')
  ) {
    return { type: 'super', receiver, after: owner };
  }
  return run.unmodelled(node.text, 'the class that super() stands in is not known', run.span(node));
}

/** Whether a function's body yields (not counting functions inside it). */
export function yields(body: SyntaxNode): boolean {
  if (body.type === 'yield') return true;
  return body.children.some(
    (child) => !/^(function_definition|lambda|class_definition)$/.test(child.type) && yields(child),
  );
}

/** Names of what code writes elements into: `sizes[key] = …`. */
export function filledNames(node: SyntaxNode): Set<string> {
  const names = new Set<string>();
  for (const inner of descendants(node)) {
    const left = /^(assignment|augmented_assignment)$/.test(inner.type) ? field(inner, 'left') : undefined;
    const filled = left?.type === 'subscript' ? field(left, 'value') : undefined;
    if (filled?.type === 'identifier') names.add(filled.text);
  }
  return names;
}

/** The names that are assigned anywhere in a piece of code, functions inside it left out. */
export function assignedNames(node: SyntaxNode): Set<string> {
  const names = new Set<string>();
  const targets = (target: SyntaxNode | undefined) => {
    if (!target) return;
    if (target.type === 'identifier') names.add(target.text);
    else if (
      /^(pattern_list|tuple_pattern|list_pattern|list_splat_pattern|as_pattern_target|tuple|list)$/.test(target.type)
    ) {
      target.children.forEach(targets);
    }
  };
  for (const inner of descendants(node)) {
    if (/^(assignment|augmented_assignment|for_statement|for_in_clause)$/.test(inner.type))
      targets(field(inner, 'left'));
    else if (/^(function_definition|class_definition|named_expression)$/.test(inner.type))
      targets(field(inner, 'name'));
    else if (inner.type === 'as_pattern') targets(field(inner, 'alias'));
  }
  return names;
}
