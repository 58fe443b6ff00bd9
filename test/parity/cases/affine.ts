import type { FamilyCases } from '../layerCase';
import { B, batched, each, F, fn, perhapsBatched, vector } from './forms';

export const affine: FamilyCases = {
  Linear: {
    fixed: [
      ...each([vector], { in_features: 6, out_features: 4 }, { in_features: 6, out_features: 3, bias: false }),
      ...each([[B, 3, 6]], { in_features: 6, out_features: 4 }),
      ...each([[B, 2, 3, 6]], { in_features: 6, out_features: 1 }),
      ...each([[6]], { in_features: 6, out_features: 4 }),
      fn(`${F}.linear`, [vector, [4, 6], [4]]),
      fn(`${F}.linear`, [
        [B, 3, 6],
        [4, 6],
      ]),
    ],
    random(draw) {
      const [inFeatures, outFeatures] = [draw.int(1, 8), draw.int(1, 8)];
      const batch = draw.int(1, 5);
      const lead = draw.shape(draw.int(0, 2));
      if (draw.chance(0.3)) {
        const input = [...batched(draw, 1 + draw.int(0, 2)), inFeatures];
        const operands = [[outFeatures, inFeatures], ...(draw.chance() ? [[outFeatures]] : [])];
        return { ...fn(`${F}.linear`, [input, ...operands]), batch };
      }
      return {
        attributes: {
          in_features: inFeatures,
          out_features: outFeatures,
          ...draw.some({ bias: draw.chance() }),
        },
        inputs: [perhapsBatched(draw, [...lead, inFeatures])],
        batch,
      };
    },
    refused: [
      { attributes: { in_features: 4, out_features: 3 }, inputs: [[2, 7, 5]] },
      fn(`${F}.linear`, [
        [2, 5],
        [4, 3],
      ]),
    ],
  },
};
