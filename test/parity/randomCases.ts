import { layers } from '../../src/engine/layers';
import { layerCases } from './cases';
import { ourRefusal } from './compareLayer';
import { Draw } from './draw';
import type { CaseLoss } from './layerCase';
import { type LayerRequest, type PreparedCase, prepare, refusedRequest, rowOf } from './layerRequests';

/** So many random cases in all, at the least, and of one row. */
const LEAST = 6000;
const LEAST_PER_ROW = 15;

/** A random case: prepared, or with the words that our side refuses it in. */
export type RandomCase = { readonly request: LayerRequest } & (
  | { readonly prepared: PreparedCase }
  | { readonly refusal: string }
);

/** How many cases each row gets. What normalizes has most to go wrong: twice as many. */
export function casesPerRow(kind: string): number {
  const weight = (role: string) => (role === 'norm' ? 2 : 1);
  const total = layers.reduce((sum, { role }) => sum + weight(role), 0);
  return Math.ceil(Math.max(LEAST_PER_ROW, LEAST / total) * weight(rowOf(kind).role));
}

/** A loss that fits: classes need more than one. */
function drawLoss(draw: Draw, firstOutput: readonly number[]): CaseLoss {
  const classes = firstOutput.length > 1 ? firstOutput[1]! : (firstOutput[0] ?? 1);
  const fitting: CaseLoss[] = ['linear', 'squares', 'meanSquaredError'];
  return draw.pick(classes > 1 ? [...fitting, 'crossEntropy'] : fitting);
}

/** The number-th random case of a kind. */
export function randomCase(kind: string, seed: number, number: number): RandomCase {
  const draw = new Draw(seed, kind, number);
  const drawn = layerCases[kind]!.random(draw);
  const refusal = ourRefusal(kind, drawn);
  if (refusal !== undefined) return { request: refusedRequest(kind, drawn), refusal };
  const fitting = drawLoss(draw, prepare(kind, drawn, seed).request.cotangents[0]?.shape ?? []);
  const loss = drawn.loss === 'crossEntropy' && fitting !== 'crossEntropy' ? 'linear' : (drawn.loss ?? fitting);
  const prepared = prepare(kind, { ...drawn, loss }, seed);
  return { request: prepared.request, prepared };
}
