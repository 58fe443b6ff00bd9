import type { NewLayer } from '../change';
import { AttributeError, completeAttributes, findLayer, ShapeError } from '../layers';
import type { Call, Module, Network } from '../network';
import { field, type SyntaxNode } from '../readers/python/syntax';
import { pythonText } from './layerText';
import { argumentsOf, endOf, functionText, type ParsedFile, type Place, startOf } from './place';
import type { Piece } from './text';
import type { WrittenLayer } from './writtenLayer';

// What Keras's source needs otherwise than PyTorch's: its layers take their sizes from their input, a functional model
// calls a layer where it makes it, and an activation may be a layer's argument.

export const isKerasKind = (kind: string): boolean => findLayer(kind)?.library === 'keras';

/** Whether a network's layers are Keras's. */
export const isKerasNetwork = ({ calls }: Network): boolean => calls.some(({ kind }) => isKerasKind(kind));

/** The layer with what its input says left out, or said anew for another input; undefined where that cannot have it. */
export function sizedBy(layer: NewLayer, call: Call): NewLayer | undefined {
  const row = findLayer(layer.kind)!;
  const own = Object.fromEntries(
    Object.entries(layer.attributes).filter(([name]) => !row.attributes[name]?.inferred || name === 'axis'),
  );
  try {
    return { kind: layer.kind, attributes: completeAttributes(row, own, call.outputShapes.slice(0, 1)) };
  } catch (error) {
    // Groups that do not divide these channels.
    if (error instanceof AttributeError || error instanceof ShapeError) return undefined;
    throw error;
  }
}

const KERAS_LAYERS = /^(?:tensorflow\.)?(?:python\.)?keras\.layers$/;

/** What stands before a layer's name where it is imported as a part of Keras: `layers.`, `tf.keras.layers.`. */
function importedPrefix({ statements }: ParsedFile): string | undefined {
  for (const statement of statements) {
    if (!/^import_(from_)?statement$/.test(statement.type)) continue;
    const module = field(statement, 'module_name')?.text;
    const names = statement.type === 'import_statement' ? statement.children : (statement.fields.name ?? []);
    for (const node of names) {
      const name = field(node, 'name')?.text ?? node.text;
      const as = field(node, 'alias')?.text ?? name;
      const full = module === undefined ? name : `${module}.${name}`;
      if (/^(tensorflow\.)?keras\.layers$/.test(full)) return `${as}.`;
      if (/^(tensorflow\.)?keras$/.test(full)) return `${as}.layers.`;
      if (full === 'tensorflow') return `${as}.keras.layers.`;
    }
  }
  return undefined;
}

/** How the file writes a layer of Keras: as the constructor `like` writes its own, or as its imports have it. */
function writtenKerasName(
  file: ParsedFile,
  name: string,
  like: SyntaxNode | undefined,
): { readonly text: string; readonly imports: readonly Piece[] } | undefined {
  const callee = like?.type === 'call' ? functionText(like) : '';
  const qualified = /^((?:\w+\.)+)[A-Z]\w*$/.exec(callee)?.[1];
  if (qualified) return { text: qualified + name, imports: [] };
  for (const statement of file.statements) {
    if (statement.type !== 'import_from_statement') continue;
    if (!KERAS_LAYERS.test(field(statement, 'module_name')?.text ?? '')) continue;
    const names = statement.fields.name ?? [];
    const bound = names.map((node) => field(node, 'alias')?.text ?? node.text);
    const everything = statement.children.some(({ type }) => type === 'wildcard_import');
    if (everything || bound.includes(name)) return { text: name, imports: [] };
    const last = names.at(-1);
    if (!last || (callee !== '' && !bound.includes(callee))) continue;
    const at = endOf(file, last);
    return { text: name, imports: [{ start: at, end: at, text: `, ${name}` }] };
  }
  const prefix = importedPrefix(file);
  return prefix === undefined ? undefined : { text: prefix + name, imports: [] };
}

/** The one constructor that makes all of these layers; none where they differ in what is written. */
export function writtenKerasLayers(
  file: ParsedFile,
  layers: readonly NewLayer[],
  like: SyntaxNode | undefined,
): WrittenLayer[] {
  const texts = new Set(
    layers.map(({ kind, attributes }) => `${kind.replace(/^Keras/, '')}(${argumentsFor(kind, attributes)})`),
  );
  const [text] = texts;
  if (text === undefined || texts.size > 1) return [];
  const name = writtenKerasName(file, /^\w+/.exec(text)![0], like);
  return name ? [{ text: text.replace(/^\w+/, name.text), imports: name.imports }] : [];
}

/** The arguments that are not Keras's defaults, by name. */
function argumentsFor(kind: string, attributes: NewLayer['attributes']): string {
  const row = findLayer(kind)!;
  return Object.entries(row.attributes)
    .flatMap(([name, { inferred, fallback, ofCall }]) => {
      const value = attributes[name];
      if (inferred || ofCall || name === 'trainable' || value === undefined) return [];
      return JSON.stringify(value) === JSON.stringify(fallback) ? [] : `${name}=${pythonText(value)}`;
    })
    .join(', ');
}

/** Whether a call applies a layer to a value, as functional models do: `layers.Dense(8)(x)`, `norm(x)`. */
export function isApplied({ node, parents }: Place): boolean {
  const callee = field(node, 'function');
  const [first, ...others] = argumentsOf(node);
  if (!callee || !first || first.type === 'keyword_argument' || others.some(({ type }) => type !== 'keyword_argument'))
    return false;
  // A layer made inside of `call` would be another one at every call.
  const method = parents.find(({ type }) => type === 'function_definition');
  if (method && field(method, 'name')?.text === 'call') return false;
  return callee.type === 'call' || (callee.type === 'identifier' && !/^[A-Z]/.test(callee.text));
}

/** A layer behind one that is applied: a line of its own behind `x = layer(x)`, else around it. */
export function appliedBehind(file: ParsedFile, { node, start, end, parents }: Place, text: string): Piece[] {
  const { source } = file;
  const [assignment, statement] = parents;
  const left = assignment?.type === 'assignment' && field(assignment, 'right') === node && field(assignment, 'left');
  const indent = statement?.type === 'expression_statement' ? source.indent(startOf(file, statement)) : undefined;
  if (left && left.type === 'identifier' && indent !== undefined) {
    const at = source.lineStop(end);
    return [{ start: at, end: at, text: `${source.lineEnd}${indent}${left.text} = ${text}(${left.text})` }];
  }
  return [
    { start, end: start, text: `${text}(` },
    { start: end, end, text: ')' },
  ];
}

/** The layer whose activation a function is: `Dense(8, activation='relu')`. */
export const ownerOf = ({ modules }: Network, { id, module, kind }: Call): Module | undefined =>
  module !== undefined || isKerasKind(kind)
    ? undefined
    : modules.find((each) => !each.container && each.id === id.slice(0, Math.max(0, id.lastIndexOf('.'))));

/** A constructor's argument taken away, its comma with it. */
export function argumentGone(file: ParsedFile, call: SyntaxNode, name: string): Piece[] | undefined {
  const all = argumentsOf(call);
  const at = all.findIndex((each) => each.type === 'keyword_argument' && field(each, 'name')?.text === name);
  const given = all[at];
  if (!given) return undefined;
  const before = all[at - 1];
  const next = all[at + 1];
  if (before) return [{ start: endOf(file, before), end: endOf(file, given), text: '' }];
  return [{ start: startOf(file, given), end: next ? startOf(file, next) : endOf(file, given), text: '' }];
}
