import {
  bindShape,
  type Call,
  countParameters,
  elementCount,
  type Module,
  type Network,
  outputOf,
  type Span,
  type ValueId,
} from '../network';
import type { LayerRecord, NetworkRecord, ReportSource } from './report';

/**
 * A Network as reports write it, every shape at one batch size: its modules in registration order (without the root),
 * then its function calls in call order. A module that is called several times shows its first call.
 */
export function networkRecord(network: Network, batch: number, toSource: (span: Span) => ReportSource): NetworkRecord {
  const feeds = feedingLayers(network);
  const owned = ownedParameters(network);
  const firstCalls = new Map<string, Call>();
  for (const call of network.calls) {
    if (call.module !== undefined && !firstCalls.has(call.module)) firstCalls.set(call.module, call);
  }

  const inputsOf = (call: Call): string[] =>
    call.inputs.flatMap((operand) => ('value' in operand ? [feeds.get(operand.value) ?? operand.value] : []));
  const shapeOf = (call: Call): LayerRecord['outputShape'] => {
    const shapes = call.outputShapes.map((shape) => bindShape(shape, batch));
    return shapes.length === 1 ? shapes[0]! : shapes.length === 0 ? null : shapes;
  };
  const moduleRecord = (module: Module): LayerRecord => {
    const call = firstCalls.get(module.id);
    return {
      id: module.id,
      kind: module.kind,
      type: module.container ? 'container' : 'module',
      inputs: call ? inputsOf(call) : [],
      outputShape: call ? shapeOf(call) : null,
      parameters: owned.get(module.id) ?? 0,
      attributes: module.attributes,
      source: toSource(module.source),
      callSite: call ? toSource(call.source) : null,
    };
  };
  const functionRecord = (call: Call): LayerRecord => ({
    id: call.id,
    kind: call.kind,
    type: 'function',
    inputs: inputsOf(call),
    outputShape: shapeOf(call),
    parameters: 0,
    attributes: call.attributes,
    source: toSource(call.source),
    callSite: toSource(call.source),
  });

  const assumptions = network.surroundings?.assumptions ?? [];
  return {
    name: network.name,
    source: toSource(network.source),
    inputs: network.inputs.map(({ name, shape, dtype, origin }) => ({
      name,
      shape: bindShape(shape, batch),
      dtype,
      origin,
    })),
    batch: batch === network.batch.size ? network.batch : { size: batch, origin: 'the probe' },
    parameters: countParameters(network),
    layers: [
      ...network.modules.filter((module) => module.id !== '').map(moduleRecord),
      ...network.calls.filter((call) => call.module === undefined).map(functionRecord),
    ],
    unmodelled: network.unmodelled.map(({ what, why, source }) => ({ what, why, source: toSource(source) })),
    ...(assumptions.length > 0 && {
      assumed: assumptions.map(({ what, why, source }) => ({ what, why, source: toSource(source) })),
    }),
  };
}

/** For every value that a call gives: the id of the layer that stands for the call. */
function feedingLayers(network: Network): Map<ValueId, string> {
  const feeds = new Map<ValueId, string>();
  for (const call of network.calls) {
    const layer = call.module ?? call.id;
    feeds.set(call.id, layer);
    for (const index of call.outputShapes.keys()) feeds.set(outputOf(call.id, index), layer);
  }
  return feeds;
}

/**
 * How many parameter values each module owns itself. A tied parameter counts at the first module that names it; one that
 * a module names through a registered child (`out_proj.weight`) counts at the child, as in PyTorch.
 */
function ownedParameters(network: Network): Map<string, number> {
  // Keras counts the statistics of its norms among a layer's parameters.
  const values = [...network.parameters, ...network.buffers.filter((buffer) => buffer.counted)];
  const sizes = new Map(values.map(({ id, shape }) => [id, elementCount(shape)]));
  const ids = new Set(network.modules.map((module) => module.id));
  const counted = new Set<string>();
  const owned = new Map<string, number>();
  for (const module of network.modules) {
    for (const [name, parameter] of [...Object.entries(module.parameters), ...Object.entries(module.buffers)]) {
      if (counted.has(parameter)) continue;
      counted.add(parameter);
      const child = `${module.id}.${name.slice(0, name.lastIndexOf('.'))}`;
      const owner = name.includes('.') && ids.has(child) ? child : module.id;
      owned.set(owner, (owned.get(owner) ?? 0) + (sizes.get(parameter) ?? 0));
    }
  }
  return owned;
}
