import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { groupsFor } from '../../../src/engine/advisor/candidates';
import type { Change, NewLayer } from '../../../src/engine/change';
import { type EditableSource, editSource } from '../../../src/engine/edits';
import { findLayer } from '../../../src/engine/layers';
import { type Call, fileDocument, InputError, type Network } from '../../../src/engine/network';
import { pytorchReader } from '../../../src/engine/readers/pytorch';

const FOLDER = path.join('test', 'fixtures', 'edits');

/** The model files, each in another style. */
export const modelFiles: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.py'))
  .sort();

export interface ModelFile {
  readonly file: string;
  readonly text: string;
  readonly network: Network;
  readonly source: EditableSource;
}

export const readText = async (file: string, text: string, name?: string): Promise<Network> =>
  (await pytorchReader.read(fileDocument(path.resolve(FOLDER, file), text), name === undefined ? {} : { name }))[0]!;

export async function modelFile(file: string, given?: string): Promise<ModelFile> {
  const text = given ?? readFileSync(path.join(FOLDER, file), 'utf8');
  const network = await readText(file, text);
  const reread = async (edited: string) => {
    try {
      return await readText(file, edited, network.name);
    } catch (error) {
      if (error instanceof InputError) return undefined;
      throw error;
    }
  };
  return { file, text, network, source: { document: fileDocument(path.resolve(FOLDER, file), text), reread } };
}

const dimensions = (call: Call): number => Math.max(1, call.outputShapes[0]!.length - 2);
const isImage = (call: Call): boolean => call.outputShapes[0]!.length === 4;

/** A norm for what a call gives; undefined where this kind cannot be there. */
export function normFor(call: Call, kind: 'BatchNorm' | 'GroupNorm' | 'LayerNorm'): NewLayer | undefined {
  const shape = call.outputShapes[0]!;
  const last = findLayer(call.kind)?.role === 'affine' && !/Conv/.test(call.kind);
  const channels = shape.at(last ? -1 : 1);
  if (typeof channels !== 'number') return undefined;
  if (kind === 'LayerNorm')
    return isImage(call) ? undefined : { kind, attributes: { normalized_shape: [shape.at(-1) as number] } };
  if (last && shape.length > 2) return undefined;
  if (kind === 'BatchNorm') return { kind: `BatchNorm${dimensions(call)}d`, attributes: { num_features: channels } };
  return { kind, attributes: { num_groups: groupsFor(channels), num_channels: channels } };
}

export interface Asked {
  readonly what: string;
  readonly changes: readonly Change[];
}

const role = ({ kind }: Call) => findLayer(kind)?.role;

/** Everything that one may want of a network: a norm at each site and at all, another norm, none, no bias, another eps. */
export function wishesFor(network: Network): Asked[] {
  const asked: Asked[] = [];
  const insertAt = (what: string, calls: readonly Call[], kind: 'BatchNorm' | 'GroupNorm' | 'LayerNorm') => {
    const changes = calls.flatMap((call): Change[] => {
      const layer = normFor(call, kind);
      return layer ? [{ operation: 'insert', site: call.id, layer }] : [];
    });
    if (changes.length > 0 && changes.length === calls.length) asked.push({ what, changes });
  };
  const affine = network.calls.filter((call) => role(call) === 'affine');
  const active = network.calls.filter(
    (call) => role(call) === 'activation' && call.kind !== 'Softmax' && call.kind !== 'LogSoftmax',
  );
  const norms = network.calls.filter((call) => role(call) === 'norm');
  for (const call of affine) insertAt(`BatchNorm behind ${call.id}`, [call], 'BatchNorm');
  insertAt('BatchNorm behind every layer with weights', affine, 'BatchNorm');
  insertAt('GroupNorm behind every layer with weights', affine, 'GroupNorm');
  insertAt('LayerNorm behind every layer with weights', affine, 'LayerNorm');
  for (const call of active) insertAt(`BatchNorm behind ${call.id}`, [call], 'BatchNorm');
  insertAt('GroupNorm behind every activation', active, 'GroupNorm');
  const other = norms.flatMap((call): Change[] => {
    const kind = /BatchNorm/.test(call.kind) ? 'GroupNorm' : 'LayerNorm';
    const shape = call.outputShapes[0]!;
    const layer: NewLayer | undefined =
      kind === 'GroupNorm'
        ? { kind, attributes: { num_groups: 4, num_channels: shape[1] as number } }
        : { kind: 'RMSNorm', attributes: { normalized_shape: [shape.at(-1) as number] } };
    return call.module === undefined ? [] : [{ operation: 'replace', site: call.id, layer }];
  });
  for (const change of other) asked.push({ what: `another norm for ${change.site}`, changes: [change] });
  if (other.length > 1) asked.push({ what: 'another norm everywhere', changes: other });
  const first = <T extends { readonly site: string }>(changes: readonly T[]) => changes.slice(0, 3);
  const removals = network.calls.flatMap((call): Change[] =>
    role(call) === 'norm' || /Softmax$/.test(call.kind) || role(call) === 'dropout'
      ? [{ operation: 'remove', site: call.id }]
      : [],
  );
  for (const change of removals) asked.push({ what: `no ${change.site}`, changes: [change] });
  if (removals.length > 1) asked.push({ what: 'no norm at all', changes: removals });
  const biased = affine.flatMap((call): Change[] =>
    call.module !== undefined && call.attributes.bias === true
      ? [{ operation: 'set', site: call.id, attributes: { bias: false } }]
      : [],
  );
  for (const change of first(biased)) asked.push({ what: `no bias of ${change.site}`, changes: [change] });
  if (biased.length > 1) asked.push({ what: 'no bias anywhere', changes: biased });
  const eps = norms.flatMap((call): Change[] =>
    call.module !== undefined ? [{ operation: 'set', site: call.id, attributes: { eps: 0.001 } }] : [],
  );
  for (const change of first(eps)) asked.push({ what: `eps of ${change.site}`, changes: [change] });
  const [norm] = norms;
  const before = norm && network.calls.findIndex(({ id }) => id === norm.id);
  const next = before === undefined ? undefined : network.calls[before + 1];
  if (norm && next && role(next) === 'activation') {
    const { kind } = norm;
    const attributes = { ...norm.attributes };
    if (norm.module !== undefined) {
      asked.push({
        what: `${norm.id} behind ${next.id}`,
        changes: [
          { operation: 'insert', site: next.id, layer: { kind, attributes } },
          { operation: 'remove', site: norm.id },
        ],
      });
    }
  }
  return asked;
}

export const edit = ({ network, source }: ModelFile, { changes }: Asked) => editSource(network, changes, source);
