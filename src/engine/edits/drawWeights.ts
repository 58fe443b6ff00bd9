import type { DrawWeights } from '../change';
import { calculateGain, fans, type Initialization, kaimingNormal, type Network, xavierUniform } from '../network';
import { field, type SyntaxNode } from '../readers/python/syntax';
import { writtenName } from './names';
import { endOf, type ParsedFile, startOf } from './place';
import type { Piece } from './text';

/** How each way is written behind `init.`, and what it gives a weight of that shape. */
const WAYS: Readonly<
  Record<
    DrawWeights['drawn'],
    { call(weight: string, init: string): string; of(shape: readonly number[]): Initialization }
  >
> = {
  he: {
    call: (weight, init) => `${init}.kaiming_normal_(${weight}, nonlinearity='relu')`,
    of: (shape) => kaimingNormal(fans(shape).fanIn, Math.SQRT2),
  },
  glorot: {
    call: (weight, init) => `${init}.xavier_uniform_(${weight})`,
    of: (shape) => xavierUniform(shape),
  },
  'glorot-tanh': {
    call: (weight, init) => `${init}.xavier_uniform_(${weight}, gain=${init}.calculate_gain('tanh'))`,
    of: (shape) => xavierUniform(shape, calculateGain('tanh')),
  },
};

/** Whether a statement draws a model's weights itself: `model.apply(init_weights)`, a loop with `nn.init`. */
const drawsWeights = ({ text }: SyntaxNode, name: string): boolean =>
  new RegExp(`\\b${name}\\b`).test(text) && /\binit\b|\.apply\(|\.data\b/.test(text);

/** Where a model is whole: behind the statements that name it and draw its weights, or at the end of its class's constructor. */
function wholeAt(file: ParsedFile, name: string): { readonly last: SyntaxNode; readonly model: string } | undefined {
  const at = file.statements.findLastIndex((statement) => {
    const [assignment] = statement.type === 'expression_statement' ? statement.children : [];
    return assignment?.type === 'assignment' && field(assignment, 'left')?.text === name;
  });
  if (at >= 0) {
    const drawn = file.statements.findLast(
      (statement, i) => i > at && statement.type !== 'class_definition' && drawsWeights(statement, name),
    );
    return { last: drawn ?? file.statements[at]!, model: name };
  }
  const made = file.statements.find(
    ({ type, fields }) => type === 'class_definition' && fields.name?.[0]?.text === name,
  );
  const methods = (made && field(made, 'body'))?.children ?? [];
  const initializer = methods.find(
    (each) => each.type === 'function_definition' && field(each, 'name')?.text === '__init__',
  );
  const self = (initializer && field(initializer, 'parameters'))?.children[0];
  const last = (initializer && field(initializer, 'body'))?.children.at(-1);
  return last && self?.type === 'identifier' ? { last, model: self.text } : undefined;
}

/** A loop over a model's layers that draws their weights anew, where the model is whole; undefined where no such place is plain. */
export function weightsDrawn(file: ParsedFile, network: Network, asked: DrawWeights): Piece[] | undefined {
  const place = wholeAt(file, network.name);
  if (!place) return undefined;
  const { source } = file;
  const indent = source.indent(startOf(file, place.last));
  const at = source.lineStop(endOf(file, place.last));
  if (indent === undefined || !/^[ \t]*(#.*)?$/.test(source.text.slice(endOf(file, place.last), at))) return undefined;
  const kinds = asked.kinds.map((kind) => writtenName(file, kind, undefined));
  const init = writtenName(file, 'init', undefined);
  const variable = /\bmodule\b/.test(source.text) ? 'layer' : 'module';
  const kind = kinds.length === 1 ? kinds[0]!.text : `(${kinds.map(({ text }) => text).join(', ')})`;
  const step = indent.includes('\t') ? '\t' : '    ';
  const lines = [
    `for ${variable} in ${place.model}.modules():`,
    `${step}if isinstance(${variable}, ${kind}):`,
    `${step}${step}${WAYS[asked.drawn].call(`${variable}.weight`, init.text)}`,
  ];
  const text = lines.map((line) => `${source.lineEnd}${indent}${line}`).join('');
  return [...kinds.flatMap(({ imports }) => imports), ...init.imports, { start: at, end: at, text }];
}

/** Whether the weights of all layers of these kinds begin as they were to be drawn. */
export function areDrawn({ modules, parameters }: Network, { kinds, drawn }: DrawWeights): boolean {
  const byId = new Map(parameters.map((parameter) => [parameter.id, parameter]));
  const weights = modules
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap((module) => byId.get(module.parameters.weight ?? '') ?? []);
  return (
    weights.length > 0 &&
    weights.every(
      ({ shape, initialization }) => JSON.stringify(WAYS[drawn].of(shape)) === JSON.stringify(initialization),
    )
  );
}
