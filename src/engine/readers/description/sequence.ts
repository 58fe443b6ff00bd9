import { findLayer, type LayerRow } from '../../layers';
import {
  type Attributes,
  type Call,
  type Module,
  type NetworkInput,
  outputOf,
  type Shape,
  type Span,
  sameShape,
  type ValueId,
} from '../../network';
import { formatIncoming, type Incoming, incoming, shapeOrigin } from '../shapeOrigin';
import { completeAt, mostInputs, shapesAt } from './attributes';
import { CompositeWriter, operandsOf } from './composite';
import { formatPath, pathBetween } from './cycles';
import { container, type Declaration, declareModule } from './declare';
import { type Reference, readLines } from './line';
import { type DescriptionNode, refuse, suggest } from './node';
import {
  isComposite,
  isConcat,
  isResidual,
  numberLines,
  type PlacedComposite,
  type PlacedConcat,
  type PlacedLayer,
  type PlacedLine,
  type PlacedResidual,
} from './numbering';
import type { Structure } from './structure';

/** Reads the `layers` form: each line takes what the line above gives. */
export function readSequence(node: DescriptionNode, inputs: readonly NetworkInput[]): Structure {
  const names = inputs.map((input) => input.name);
  const lines = numberLines(readLines(node, 'layers'), names);
  return new Sequence(inputs, lines).build();
}

/** A function row that the format itself uses; its absence is a fault of the table, not of a file. */
function functionRow(kind: string): LayerRow {
  const row = findLayer(kind);
  if (!row) throw new Error(`the layer table has no '${kind}'`);
  return row;
}

/** Walks the placed lines once, in order: declares their modules and calls them. */
class Sequence {
  private readonly modules: Module[] = [];
  private readonly parameters: Declaration['parameters'][number][] = [];
  private readonly buffers: Declaration['buffers'][number][] = [];
  private readonly calls: Call[] = [];
  private readonly shapes: Map<ValueId, Shape>;
  /** What a name in `from` stands for: a container's id is its output. */
  private readonly values: Map<string, ValueId>;

  constructor(
    private readonly inputs: readonly NetworkInput[],
    private readonly lines: readonly PlacedLine[],
  ) {
    this.shapes = new Map(inputs.map((input) => [input.name, input.shape]));
    this.values = new Map(inputs.map((input) => [input.name, input.name]));
  }

  build(): Structure {
    const above = this.inputs.length === 1 ? this.inputs[0]!.name : undefined;
    const output = this.run(this.lines, above);
    const { modules, parameters, buffers, calls } = this;
    return { modules, parameters, buffers, calls, outputs: [output] };
  }

  private run(lines: readonly PlacedLine[], above: ValueId | undefined): ValueId {
    let last = above;
    for (const placed of lines) {
      const taken = this.inputsOf(placed, last);
      last = this.place(placed, taken);
      this.values.set(placed.id, last);
    }
    return last!;
  }

  /** Writes one line out; gives the value that it stands for. */
  private place(placed: PlacedLine, taken: readonly ValueId[]): ValueId {
    if (isComposite(placed)) return this.composite(placed, taken);
    if (isResidual(placed)) this.residual(placed, taken[0]!);
    else if (isConcat(placed)) this.concat(placed, taken[0]!);
    else this.layer(placed, taken);
    return placed.output;
  }

  private inputsOf(placed: PlacedLine, above: ValueId | undefined): ValueId[] {
    const { line } = placed;
    if (!line.from) {
      if (above !== undefined) return [above];
      const names = this.inputs.map((input) => input.name).join(', ');
      return refuse(
        line.span,
        `'${placed.id}' has no line above it, and there are several inputs`,
        `add from: one of ${names}`,
      );
    }
    const [most, kind] =
      line.form === 'layer'
        ? [mostInputs(line.row), line.row.kind]
        : line.form === 'composite'
          ? [line.composite.call.operands.length, line.composite.kind]
          : [1, `a ${line.form}`];
    if (line.from.length > most) {
      refuse(
        line.from[most]!.span,
        `${kind} takes ${most} input${most === 1 ? '' : 's'}, not ${line.from.length}`,
        'merge them with add or cat first',
      );
    }
    return line.from.map((reference) => this.resolve(reference, placed));
  }

  private resolve({ name, span }: Reference, placed: PlacedLine): ValueId {
    const value = this.values.get(name) ?? (this.shapes.has(name) ? name : undefined);
    if (value !== undefined) return value;
    const dependencies = dependenciesOf(this.lines);
    const below = dependencies.has(name);
    const path = below ? pathBetween(name, placed.id, (id) => dependencies.get(id) ?? []) : undefined;
    if (path)
      refuse(
        span,
        `'${placed.id}' takes '${name}', which depends on it: a cycle, ${formatPath([placed.id, ...path])}`,
        'take something from above',
      );
    if (below) refuse(span, `'${placed.id}' takes '${name}', which stands below it`, `move '${name}' above it`);
    const known = [...new Set([...this.values.keys(), ...dependencies.keys()])];
    // Inside of a residual or a concat a line is called by its whole name.
    const inside = known.find((each) => each.endsWith(`.${name}`));
    const mend = inside === undefined ? suggest(name, known, 'lines and inputs') : `did you mean '${inside}'?`;
    return refuse(span, `nothing is called '${name}'`, mend);
  }

  private layer({ line, id }: PlacedLayer, taken: readonly ValueId[]): void {
    const subject = `'${id}' (${line.row.kind})`;
    const attributes = completeAt(line.row, line.given, line.span, subject, this.incoming(taken));
    if (line.row.module) this.declare(declareModule(line.row, id, attributes, line.span, line.init));
    else if (line.init) refuse(line.init.span, `${subject} has nothing to initialize`, 'leave init out');
    this.call(id, line.row, taken, attributes, line.span, line.row.module ? id : undefined);
  }

  private declare({ modules, parameters, buffers }: Declaration): void {
    this.modules.push(...modules);
    this.parameters.push(...parameters);
    this.buffers.push(...buffers);
  }

  private composite({ line, id }: PlacedComposite, taken: readonly ValueId[]): ValueId {
    const { composite, given, span } = line;
    const subject = `'${id}' (${composite.kind})`;
    const attributes = completeAt(composite, given, span, subject, this.incoming(taken));
    this.modules.push(container(id, composite.kind, span));
    const children = Object.entries(composite.children(attributes)).map(([name, child]) => {
      const row = functionRow(child.kind);
      const own = completeAt(row, { values: child.attributes }, span, `'${id}.${name}' (${child.kind})`);
      return [name, { row, attributes: own }] as const;
    });
    for (const [name, { row, attributes: own }] of children)
      this.declare(declareModule(row, `${id}.${name}`, own, span));
    const writer = new CompositeWriter(id, new Map(children), String(attributes.activation ?? ''), {
      module: (call, row, values, own) => this.call(call, row, values, own, span, call),
      function: (call, kind, values) => this.function(call, kind, values, {}, span),
    });
    return composite.forward(writer, operandsOf(composite, attributes, taken, span, subject), attributes);
  }

  private call(
    id: string,
    row: LayerRow,
    taken: readonly ValueId[],
    attributes: Attributes,
    source: Span,
    module?: string,
  ): void {
    const outputShapes = shapesAt(row, this.incoming(taken), attributes, source, `'${id}' (${row.kind})`);
    for (const [i, shape] of outputShapes.entries()) this.shapes.set(outputOf(id, i), shape);
    const inputs = taken.map((value) => ({ value }));
    this.calls.push({
      id,
      kind: row.kind,
      ...(module !== undefined && { module }),
      attributes,
      inputs,
      outputShapes,
      source,
    });
  }

  /** The values' shapes, with where each was made. */
  private incoming(taken: readonly ValueId[]): Incoming[] {
    return taken.map((value) => incoming(this.shapes.get(value)!, () => shapeOrigin(value, this.calls)));
  }

  private residual({ line, id, branch, shortcut, output }: PlacedResidual, taken: ValueId): void {
    this.modules.push(container(id, 'Residual', line.span));
    const changed = this.run(branch, taken);
    if (shortcut) this.modules.push(container(`${id}.shortcut`, 'Sequential', line.span));
    const kept = shortcut ? this.run(shortcut, taken) : taken;
    const [changedShape, keptShape] = [this.shapes.get(changed)!, this.shapes.get(kept)!];
    if (!sameShape(changedShape, keptShape)) {
      const [branchGives, shortcutGives] = this.incoming([changed, kept]).map(formatIncoming);
      const what = `'${id}' (residual): the branch gives ${branchGives}, the shortcut ${shortcutGives}`;
      refuse(
        line.span,
        what,
        shortcut ? 'let both give one shape' : 'let the branch keep the shape, or give a shortcut: […]',
      );
    }
    this.function(output, 'add', [kept, changed], {}, line.span);
  }

  private concat({ line, id, branches, output }: PlacedConcat, taken: ValueId): void {
    this.modules.push(container(id, 'Concat', line.span));
    const results = branches.map((branch, i) => {
      this.modules.push(container(`${id}.${i}`, 'Sequential', line.span));
      return this.run(branch, taken);
    });
    this.function(output, 'cat', results, { dim: line.dim }, line.span);
  }

  private function(id: string, kind: string, taken: readonly ValueId[], values: Attributes, source: Span): void {
    const row = functionRow(kind);
    const attributes = completeAt(row, { values }, source, `'${id}' (${kind})`, this.incoming(taken));
    this.call(id, row, taken, attributes, source);
  }
}

/** What each line takes, by ids, whether or not it stands above: for naming a cycle. */
function dependenciesOf(lines: readonly PlacedLine[]): ReadonlyMap<string, readonly string[]> {
  const dependencies = new Map<string, readonly string[]>();
  const walk = (sequence: readonly PlacedLine[], outer: readonly string[]): readonly string[] => {
    let above = outer;
    for (const placed of sequence) {
      const taken = placed.line.from?.map((reference) => reference.name) ?? above;
      if (isResidual(placed)) {
        dependencies.set(placed.output, [...walk(placed.branch, taken), ...walk(placed.shortcut ?? [], taken)]);
      } else if (isConcat(placed)) {
        dependencies.set(
          placed.output,
          placed.branches.flatMap((branch) => walk(branch, taken)),
        );
      } else dependencies.set(placed.id, taken);
      if (placed.output !== placed.id) dependencies.set(placed.id, [placed.output]);
      above = [placed.id];
    }
    return above;
  };
  walk(lines, []);
  return dependencies;
}
