import type { Attributes, Dim, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases } from '../layerCase';
import { B, batched, each, fn, vector } from './forms';

/** A product of small factors as another list of sizes with the same product; at times with −1 for one of them. */
function regrouped(draw: Draw, sizes: readonly number[]): number[] {
  const factors = draw.shuffled(sizes);
  const joined: number[] = [];
  for (const factor of factors) {
    if (joined.length > 0 && draw.chance(0.4)) joined[joined.length - 1]! *= factor;
    else joined.push(factor);
  }
  if (draw.chance(0.3)) joined[draw.int(0, joined.length - 1)] = -1;
  return joined;
}

/** Another shape for a batched tensor: the batch stays in front, or is what −1 stands for. */
function reshaped(draw: Draw): { input: Shape; shape: Dim[] } {
  const sizes = draw.shape(draw.int(1, 3), 1, 4);
  const rest = regrouped(draw, sizes);
  const front: Dim = !rest.includes(-1) && draw.chance() ? -1 : B;
  return { input: [B, ...sizes], shape: [front, ...rest] };
}

export const axes: FamilyCases = {
  Flatten: {
    fixed: [
      ...each([[B, 2, 3, 4]], {}, { start_dim: 2 }, { start_dim: 1, end_dim: 2 }, { start_dim: 0 }, { start_dim: -2 }),
      fn('torch.flatten', [[B, 2, 3]]),
      fn('torch.flatten', [[B, 2, 3]], { start_dim: 1 }),
      fn('Tensor.flatten', [[B, 2, 3]], { start_dim: 1, end_dim: 2 }),
    ],
    random(draw) {
      const rank = draw.int(2, 4);
      const start = draw.int(0, rank - 1);
      const end = draw.int(start, rank - 1);
      const sign = () => (draw.chance(0.3) ? rank : 0);
      const attributes: Attributes = draw.chance(0.2) ? {} : { start_dim: start - sign(), end_dim: end - sign() };
      const name = draw.chance(0.4) ? draw.pick(['torch.flatten', 'Tensor.flatten']) : undefined;
      return {
        attributes,
        inputs: [batched(draw, rank)],
        batch: draw.int(1, 4),
        ...(name !== undefined && { function: name }),
      };
    },
    refused: [
      { attributes: { start_dim: 1, end_dim: 5 }, inputs: [[2, 3, 4]] },
      { attributes: { start_dim: 2, end_dim: 1 }, inputs: [[2, 3, 4]] },
    ],
  },
  Unflatten: {
    fixed: [
      ...each([[B, 12]], { dim: 1, unflattened_size: [3, 4] }, { dim: -1, unflattened_size: [2, -1, 3] }),
      fn('torch.unflatten', [[B, 12]], { dim: 1, unflattened_size: [3, 4] }),
      fn('Tensor.unflatten', [[B, 12, 2]], { dim: 1, unflattened_size: [3, -1] }),
    ],
    random(draw) {
      const factors = draw.shape(draw.int(2, 3), 1, 4);
      const whole = factors.reduce((product, size) => product * size, 1);
      const before = draw.shape(draw.int(0, 1));
      const after = draw.shape(draw.int(0, 1));
      const rank = 2 + before.length + after.length;
      const axis = 1 + before.length;
      const sizes = [...factors];
      if (draw.chance(0.4)) sizes[draw.int(0, sizes.length - 1)] = -1;
      const name = draw.chance(0.4) ? draw.pick(['torch.unflatten', 'Tensor.unflatten']) : undefined;
      return {
        attributes: { dim: axis - (draw.chance(0.3) ? rank : 0), unflattened_size: sizes },
        inputs: [[B, ...before, whole, ...after]],
        batch: draw.int(1, 3),
        ...(name !== undefined && { function: name }),
      };
    },
    refused: [
      { attributes: { dim: 1, unflattened_size: [2, 3] }, inputs: [[2, 7]] },
      { attributes: { dim: 1, unflattened_size: [3, -1] }, inputs: [[2, 7]] },
    ],
  },
  Identity: {
    fixed: each([vector], {}),
    random: (draw) => ({ inputs: [batched(draw, draw.int(1, 4))], batch: draw.int(1, 4) }),
  },
  view: {
    fixed: [
      fn('Tensor.view', [[B, 2, 3]], { shape: [B, -1] }),
      fn('Tensor.view', [[B, 2, 3]], { shape: [-1, 6] }),
      fn('Tensor.view', [[B, 2, 3]], { shape: [{ batch: 2 }, 3] }),
    ],
    random(draw) {
      const { input, shape } = reshaped(draw);
      return { ...fn('Tensor.view', [input], { shape }), batch: draw.int(1, 4) };
    },
    refused: [
      fn('Tensor.view', [[2, 3]], { shape: [4, 2] }),
      fn('Tensor.view', [[2, 3]], { shape: [4, -1] }),
      fn('Tensor.view', [[2, 3]], { shape: [-1, -1] }),
      fn('Tensor.view', [[2, 3]], { shape: [-3, 2] }),
    ],
  },
  reshape: {
    fixed: [fn('torch.reshape', [[B, 2, 3]], { shape: [B, 3, 2] }), fn('Tensor.reshape', [[B, 2, 3]], { shape: [-1] })],
    random(draw) {
      const { input, shape } = reshaped(draw);
      return { ...fn(draw.pick(['torch.reshape', 'Tensor.reshape']), [input], { shape }), batch: draw.int(1, 4) };
    },
  },
  permute: {
    fixed: [
      fn('Tensor.permute', [[B, 2, 3]], { dims: [0, 2, 1] }),
      fn('torch.permute', [[B, 2, 3]], { dims: [-1, 0, 1] }),
    ],
    random(draw) {
      const rank = draw.int(1, 5);
      const order = draw.shuffled(Array.from({ length: rank }, (_, i) => i));
      const dims = order.map((axis) => (draw.chance(0.3) ? axis - rank : axis));
      const name = draw.pick(['Tensor.permute', 'torch.permute']);
      return { ...fn(name, [batched(draw, rank)], { dims }), batch: draw.int(1, 4) };
    },
    refused: [fn('Tensor.permute', [[2, 3]], { dims: [0, 1, 2] }), fn('Tensor.permute', [[2, 3]], { dims: [0, 0] })],
  },
  transpose: {
    fixed: [
      fn('torch.transpose', [[B, 2, 3]], { dim0: 1, dim1: 2 }),
      fn('Tensor.transpose', [[B, 2, 3, 4]], { dim0: -1, dim1: 0 }),
    ],
    random(draw) {
      const rank = draw.int(1, 4);
      const name = draw.pick(['torch.transpose', 'Tensor.transpose']);
      const attributes = { dim0: draw.axis(rank), dim1: draw.axis(rank) };
      return { ...fn(name, [batched(draw, rank)], attributes), batch: draw.int(1, 4) };
    },
    refused: [fn('Tensor.transpose', [[2, 3]], { dim0: 0, dim1: 2 })],
  },
  squeeze: {
    fixed: [
      fn('torch.squeeze', [[B, 1, 3, 1]]),
      fn('Tensor.squeeze', [[B, 1, 3, 1]], { dim: -1 }),
      fn('Tensor.squeeze', [[B, 3]], { dim: 1 }),
      fn('torch.squeeze', [[B, 1, 3, 1]], { dim: [1, 3] }),
    ],
    random(draw) {
      const input: Shape = [B, ...draw.shape(draw.int(1, 3)).map((size) => (draw.chance() ? 1 : size))];
      const some = () => Array.from({ length: input.length - 1 }, (_, i) => i + 1).filter(() => draw.chance());
      const dim = draw.pick([undefined, draw.int(1, input.length - 1), some()] as const);
      const name = draw.pick(['torch.squeeze', 'Tensor.squeeze']);
      // At batch 1 the batch's axis stays here, where PyTorch takes it: such a model would work at no other batch.
      return { ...fn(name, [input], dim === undefined ? {} : { dim }), batch: draw.int(2, 4) };
    },
    refused: [fn('Tensor.squeeze', [[2, 3]], { dim: 2 })],
  },
  unsqueeze: {
    fixed: [
      fn('torch.unsqueeze', [[B, 3]], { dim: 1 }),
      fn('Tensor.unsqueeze', [[B, 3]], { dim: -1 }),
      fn('Tensor.unsqueeze', [[B, 3]], { dim: 0 }),
    ],
    random(draw) {
      const rank = draw.int(1, 4);
      const name = draw.pick(['torch.unsqueeze', 'Tensor.unsqueeze']);
      return { ...fn(name, [batched(draw, rank)], { dim: draw.axis(rank + 1) }), batch: draw.int(1, 4) };
    },
    refused: [fn('Tensor.unsqueeze', [[2, 3]], { dim: 3 })],
  },
};
