import { BATCH, type Dim, lineText, type NetworkInput, type Shape } from '../../../network';
import type { Evaluation } from '../../python/evaluator';
import { classAttribute } from '../../python/evaluator/classes';
import type { NamedModule } from '../../python/modules/named';
import type { FunctionValue, ModuleValue } from '../../python/values';
import { usualValue } from '../assumedArguments';
import { type ForwardParameter, inputValues } from '../forward';
import { tryForward } from './trial';

/** What a batch is called in a shape. */
const BATCH_NAMES = /^(b|bs|bsz|batch|batch_?size|n_?batch|num_batch|nb|minibatch)$/i;
const STEPS = /(^|_)(seq(uence)?|len(gth)?|steps?|time|frames?|tokens?|nodes?|points?|positions?)(_|$)|^[tls]$/i;
const SIDES = /^(h|w|height|width|img_?size|image_?size)$/i;

/** Sizes that stand for those that nobody says. */
const USUAL = { steps: 16, side: 32 } as const;

/** One size of a documented shape; undefined for a name that says nothing. */
function sizeOf(name: string, root: ModuleValue): Dim | undefined {
  if (/^\d+$/.test(name)) return Number(name);
  if (BATCH_NAMES.test(name)) return BATCH;
  for (const values of [root.constructed, root.attributes]) {
    const value = values?.get(name) ?? values?.get(name.toLowerCase());
    if (value?.type === 'int' && value.value > 0) return value.value;
  }
  if (STEPS.test(name)) return USUAL.steps;
  if (SIDES.test(name)) return USUAL.side;
  const usual = usualValue(name, true);
  return usual?.type === 'int' ? usual.value : undefined;
}

/** The sizes in brackets as a shape with its batch; undefined where one is not known. */
function shapeOf(text: string, root: ModuleValue): Shape | undefined {
  const names = text.split(',').flatMap((part) => part.trim().replace(/[`'"]/g, '') || []);
  if (names.length === 0 || names.length > 5) return undefined;
  const dims = names.map((name) => sizeOf(name, root));
  // `(N, C, H, W)`, and a shape of rows where no batch is named.
  if (!dims.includes(BATCH)) dims[0] = BATCH;
  return dims.includes(undefined) ? undefined : (dims as Dim[]);
}

/** What a function's documentation and its comments say; code is no part of it. */
function documentation({ body, parameters, source }: FunctionValue): string {
  const [first] = body.children;
  const quoted = first?.type === 'expression_statement' ? first.children[0] : undefined;
  // A comment before the first statement stands in front of the body.
  const lines = body.document.text.split('\n').slice(source.start.line - 1, body.end.line);
  const comments = lines.flatMap((line) => line.match(/#.*/g) ?? []);
  const annotations = parameters.flatMap(({ name, annotation }) =>
    annotation && /['"]/.test(annotation.text)
      ? [`${name}: ${annotation.text.replace(/^.*?['"](.*)['"].*$/s, '($1)').replaceAll(/\s+/g, ', ')}`]
      : [],
  );
  return [quoted?.type === 'string' ? quoted.text : '', ...comments, ...annotations].join('\n');
}

/** The shapes that a forward's documentation gives its parameters: "`x` has shape `[batch_size, d_model]`". */
function documentedShapes(forward: FunctionValue, root: ModuleValue): Map<string, Shape> {
  const text = documentation(forward);
  const found = new Map<string, Shape>();
  for (const { name } of forward.parameters.slice(1)) {
    const said = new RegExp(`(?<![\\w.])${name}(?!\\w)[^\\[(]{0,200}?[\\[(]([\\w\\s,\`'"]+)[\\])]`).exec(text)?.[1];
    const shape = said?.includes(',') ? shapeOf(said, root) : undefined;
    if (shape) found.set(name, shape);
  }
  return found;
}

/**
 * The inputs that a forward's documentation describes, where it goes through with them; what it does not describe is None.
 * Undefined where they do not fit.
 */
export function fromDocumentation(
  modules: readonly NamedModule[],
  placed: ReadonlyMap<string, NetworkInput>,
  parameters: readonly ForwardParameter[],
  run: Evaluation,
): { readonly inputs: Map<string, NetworkInput>; readonly absent: readonly string[] } | undefined {
  const root = modules[0]!.module;
  const forward = classAttribute(root.class, 'forward');
  if (forward?.type !== 'function') return undefined;
  const shapes = documentedShapes(forward, root);
  const required = parameters.filter((each) => each.required).map(({ name }) => name);
  const described = required.filter((name) => placed.has(name) || shapes.has(name));
  if (described.length === 0 || described.every((name) => placed.has(name))) return undefined;
  const absent = required.filter((name) => !described.includes(name));
  const origin = `the documentation of ${root.class.name}'s forward, ${lineText(forward.source)}; sizes that it names and nobody says are usual ones`;
  for (const dtype of ['float32', 'int64'] as const) {
    const inputs = new Map<string, NetworkInput>();
    for (const name of described)
      inputs.set(name, placed.get(name) ?? { name, shape: shapes.get(name)!, dtype, origin });
    const trial = tryForward(modules, inputValues(inputs.values(), absent), run);
    if (trial.through) return { inputs, absent };
  }
  return undefined;
}
