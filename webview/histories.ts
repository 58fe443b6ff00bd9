import type { Figure, LayerHistory, MeasuredLayer } from '../src/engine/report/report';

/** The part of a layer's history that holds a quantity of the charts, by the quantity's name. */
const parts: Readonly<Record<string, keyof LayerHistory>> = {
  'gradient norm': 'gradientNorm',
  'output gradient RMS': 'outputGradientRms',
  'activation standard deviation': 'activationStd',
  'update ratio': 'updateRatio',
  saturation: 'saturation',
};

/** One quantity by training step, by layer id; layers without it are left out. */
export function historyOf(
  layers: readonly MeasuredLayer[],
  quantity: string,
): Readonly<Record<string, readonly Figure[]>> {
  const part = Object.hasOwn(parts, quantity) ? parts[quantity] : undefined;
  if (part === undefined) return {};
  return Object.fromEntries(
    layers.flatMap(({ id, history }) => {
      const figures = history?.[part];
      return figures ? [[id, figures]] : [];
    }),
  );
}

/** Whether a quantity is kept by training step. */
export const hasHistory = (quantity: string): boolean => Object.hasOwn(parts, quantity);
