import { type Composite, composites, type LayerRow, layers } from '../../layers';
import { INPUT_ROLES, LOSS_KINDS, OPTIMIZER_KINDS } from '../../network';
import { losses, optimizers } from '../../training';
import { initializationRules } from './initializations';
import { MOST_LINES } from './line';
import { BETAS, betaNames, type SettingTable } from './settings';

type Schema = Readonly<Record<string, unknown>>;

const definition = (name: string): Schema => ({ $ref: `#/definitions/${name}` });
const oneOf = (...schemas: readonly Schema[]): Schema => ({ anyOf: schemas });
const listOf = (items: Schema, minItems = 0): Schema => ({ type: 'array', items, ...(minItems > 0 && { minItems }) });
const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const number: Schema = { type: 'number' };
/** What a tensor holds; JSON has no number for three of them. */
const tensorValue: Schema = { anyOf: [number, { enum: ['NaN', 'Infinity', '-Infinity'] }] };
const size: Schema = { type: 'integer', minimum: 1 };
const nothing: Schema = { type: 'null' };

/** A mapping with these keys and no others. */
const keys = (
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
  description?: string,
): Schema => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...(required.length > 0 && { required }),
  ...(description !== undefined && { description }),
});

/** Draft-07 ignores what stands beside a `$ref`. */
const described = (schema: Schema, description: string): Schema =>
  '$ref' in schema ? { description, allOf: [schema] } : { description, ...schema };

/** What a line may be, by its kind. */
const named: readonly (LayerRow | Composite)[] = [...layers, ...composites];

/** The attributes that a line must give: neither a default nor the input's shape says them. */
const requiredOf = (row: LayerRow | Composite): string[] =>
  Object.entries(row.attributes)
    .filter(([, attribute]) => attribute.fallback === undefined && !attribute.inferred)
    .map(([name]) => name);

function attributesSchema(row: LayerRow | Composite): Schema {
  const attributes = Object.entries(row.attributes).map(
    ([name, { schema, takes, fallback, inferred }]): [string, Schema] => {
      const otherwise = inferred
        ? 'taken from the input'
        : fallback === undefined
          ? 'required'
          : `default ${JSON.stringify(fallback)}`;
      return [name, described(schema as Schema, `${takes}; ${otherwise}`)];
    },
  );
  const init: Schema = {
    type: 'object',
    additionalProperties: definition('initialization'),
    description: 'initializations by parameter',
  };
  const hasTensors = 'outputShapes' in row && (row.parameters !== undefined || row.buffers !== undefined);
  const required = requiredOf(row);
  const mapping = keys({ ...Object.fromEntries(attributes), ...(hasTensors && { init }) }, required);
  return required.length > 0 ? mapping : oneOf(mapping, nothing);
}

/** A line that is one layer: its kind as the key, `id` and `from` beside it. */
function layerLine(): Schema {
  const kinds = Object.fromEntries(named.map((row) => [row.kind, definition(`layer.${row.kind}`)]));
  return {
    ...keys({ ...kinds, id: definition('id'), from: definition('from') }),
    oneOf: named.map((row) => ({ required: [row.kind] })),
  };
}

const lineDefinitions = (): Record<string, Schema> => ({
  id: described({ type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_-]*$' }, "replaces the line's number"),
  name: { type: ['string', 'number'] },
  from: described(
    oneOf(definition('name'), listOf(definition('name'), 1)),
    'ids of lines or names of inputs, instead of the line above',
  ),
  lines: listOf(definition('line'), 1),
  line: oneOf(
    described(
      { enum: named.filter((row) => requiredOf(row).length === 0).map((row) => row.kind) },
      'a layer without attributes',
    ),
    layerLine(),
    keys(
      { repeat: { type: 'integer', minimum: 1, maximum: MOST_LINES }, layers: definition('lines') },
      ['repeat', 'layers'],
      'the lines, so many times',
    ),
    keys(
      { residual: definition('lines'), shortcut: definition('lines'), id: definition('id'), from: definition('from') },
      ['residual'],
      'the input, or what the shortcut makes of it, plus what the lines make of it',
    ),
    keys(
      {
        concat: listOf(definition('lines'), 1),
        dim: { type: 'integer' },
        id: definition('id'),
        from: definition('from'),
      },
      ['concat'],
      "the branches' outputs side by side along a dimension (1)",
    ),
  ),
  ...Object.fromEntries(named.map((row) => [`layer.${row.kind}`, attributesSchema(row)])),
});

function initializationSchema(): Schema {
  const special: Readonly<Record<string, Schema>> = {
    mode: { enum: ['fan_in', 'fan_out'] },
    nonlinearity: text,
    groups: size,
    sparsity: { type: 'number', minimum: 0, maximum: 1 },
    of: described(text, 'the id of a parameter'),
    side: { enum: ['left', 'right'] },
    rest: definition('initialization'),
    parts: listOf(
      keys({ from: listOf(number), to: listOf(number), initialization: definition('initialization') }, [
        'from',
        'to',
        'initialization',
      ]),
    ),
    dim: oneOf(number, nothing),
  };
  const needed: Readonly<Record<string, readonly string[]>> = {
    sparse: ['sparsity'],
    norm: ['of'],
    singular_vector: ['of'],
    parts: ['rest', 'parts'],
  };
  const values: Readonly<Record<string, Schema>> = { constant: tensorValue, values: listOf(tensorValue) };
  const rules = Object.entries(initializationRules).map(([rule, settings]) => {
    const arguments_ = Object.fromEntries(settings.map((name) => [name, special[name] ?? number]));
    const required = needed[rule] ?? [];
    const given = keys(arguments_, required);
    return keys({ [rule]: values[rule] ?? (required.length > 0 ? given : oneOf(given, nothing)) }, [rule]);
  });
  const bare = Object.keys(initializationRules).filter((rule) => !(rule in values) && !(rule in needed));
  return oneOf({ enum: bare }, ...rules);
}

const headDefinitions = (): Record<string, Schema> => ({
  initialization: initializationSchema(),
  dim: oneOf(size, keys({ batch: size }, ['batch'], 'a multiple of the batch')),
  shape: described(listOf(definition('dim')), 'without the batch'),
  input: oneOf(
    definition('shape'),
    keys(
      {
        shape: definition('shape'),
        vocabulary: size,
        dtype: { enum: ['float32', 'int64'] },
        batched: flag,
        role: described({ enum: INPUT_ROLES }, 'what it holds, where its type and name do not tell'),
        origin: text,
      },
      ['shape'],
    ),
  ),
  loss: oneOf(
    { enum: LOSS_KINDS },
    ...LOSS_KINDS.map((kind) => keys({ [kind]: oneOf(settingsSchema(losses[kind].settings), nothing) }, [kind])),
  ),
  optimizer: oneOf(
    { enum: OPTIMIZER_KINDS },
    ...OPTIMIZER_KINDS.map((kind) =>
      keys(
        {
          [kind]: oneOf(settingsSchema(optimizers[kind].settings), nothing),
          groups: described(
            listOf(settingsSchema(optimizers[kind].settings, { parameters: listOf(definition('name')) })),
            'parameters with settings of their own',
          ),
          clip_grad_norm: oneOf(
            number,
            keys({ max_norm: { type: 'number', minimum: 0 }, norm_type: number }, ['max_norm']),
          ),
          clip_grad_value: { type: 'number', minimum: 0 },
          origin: text,
        },
        [kind],
      ),
    ),
  ),
  taskKind: { enum: ['classification', 'regression'] },
  task: oneOf(
    definition('taskKind'),
    keys({
      kind: definition('taskKind'),
      classes: oneOf({ type: 'integer', minimum: 2 }, nothing),
      loss: definition('loss'),
      optimizer: definition('optimizer'),
      class_dim: described({ type: 'integer' }, "the output's dimension of classes (1)"),
      targets: { enum: ['classes', 'probabilities', 'none'] },
      origin: text,
    }),
  ),
});

/** Settings of a loss or an optimizer, PyTorch's `betas` for their two members included. */
function settingsSchema(settings: SettingTable, beside: Readonly<Record<string, Schema>> = {}): Schema {
  const each = Object.entries(settings).map(([name, { schema, takes, fallback }]): [string, Schema] => [
    name,
    described(schema as Schema, `${takes}; default ${JSON.stringify(fallback)}`),
  ]);
  const beta = settings[betaNames[0]]?.schema as Schema | undefined;
  const betas: Schema | undefined = beta && { type: 'array', items: beta, minItems: 2, maxItems: 2 };
  return keys({ ...Object.fromEntries(each), ...(betas && { [BETAS]: betas }), ...beside }, Object.keys(beside));
}

const graphDefinitions = (): Record<string, Schema> => ({
  attributes: { type: 'object' },
  names: { type: 'object', additionalProperties: oneOf(definition('name'), nothing) },
  module: keys(
    {
      id: definition('name'),
      kind: text,
      container: described(flag, 'has children and computes nothing of its own'),
      unmodelled: described(flag, 'a class that NormScope does not compute; no call may name it'),
      submodules: described(flag, 'false: the modules that PyTorch registers inside this kind are left out or listed'),
      attributes: definition('attributes'),
      init: { type: 'object', additionalProperties: definition('initialization') },
      parameters: described(
        definition('names'),
        'ids of parameters that are not named after the module; null for one it lacks',
      ),
      buffers: definition('names'),
      aliases: listOf(definition('name')),
    },
    ['id', 'kind'],
  ),
  tensor: keys(
    {
      id: definition('name'),
      shape: listOf({ type: 'integer', minimum: 0 }),
      trainable: flag,
      counted: flag,
      init: definition('initialization'),
    },
    ['id'],
  ),
  operand: oneOf(definition('name'), keys({ parameter: definition('name') }, ['parameter'])),
  call: {
    ...keys(
      {
        id: definition('name'),
        module: definition('name'),
        kind: { enum: layers.map((row) => row.kind) },
        inputs: oneOf(definition('name'), listOf(definition('operand'))),
        attributes: definition('attributes'),
      },
      ['inputs'],
    ),
    anyOf: [{ required: ['module'] }, { required: ['kind'] }],
  },
  graph: keys({
    modules: listOf(definition('module')),
    parameters: listOf(definition('tensor')),
    buffers: listOf(definition('tensor')),
    calls: listOf(definition('call')),
    outputs: listOf(definition('name')),
  }),
});

/** The JSON Schema (draft-07, which editors take) of a description file, made from the layer table. */
export function descriptionSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'NormScope description of a neural network',
    ...keys({
      $schema: text,
      name: text,
      input: described(
        oneOf(definition('shape'), { type: 'object', additionalProperties: definition('input') }),
        "the input's shape without the batch, or several inputs by name",
      ),
      batch: oneOf(size, keys({ size, origin: text }, ['size'])),
      task: definition('task'),
      loss: definition('loss'),
      optimizer: definition('optimizer'),
      layers: described(definition('lines'), 'each line takes what the line above gives'),
      graph: described(definition('graph'), 'modules and calls in tables'),
    }),
    oneOf: [{ required: ['layers'] }, { required: ['graph'] }],
    definitions: { ...lineDefinitions(), ...headDefinitions(), ...graphDefinitions() },
  };
}
