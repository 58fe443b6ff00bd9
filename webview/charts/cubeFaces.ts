import type { NormAxes } from '../panel/axes';

export const [SAMPLES, CHANNELS, POSITIONS] = [3, 4, 3];
/** Side of a cell, and how far the next sample stands behind, in units of the picture. */
export const SIDE = 22;
const BEHIND = { x: 12, y: -10 };
const MARGIN = { left: 30, top: 8, bottom: 22, right: 26 };

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A face of a cell that is seen: its corners, and whether its value is normalized with the marked one. */
export interface CubeFace {
  readonly corners: readonly Point[];
  readonly on: boolean;
}

/** The corner of a cell at sample n, channel c, position p (from below), each from 0. */
export const corner = (n: number, c: number, p: number): Point => ({
  x: MARGIN.left + c * SIDE + n * BEHIND.x,
  y: MARGIN.top - SAMPLES * BEHIND.y + (POSITIONS - p) * SIDE + n * BEHIND.y,
});

/** Whether a cell shares its statistics with the nearest one of the last channel at the top. */
const shares = ({ samples, channels, positions }: NormAxes, n: number, c: number, p: number): boolean =>
  (samples === 'all' || n === 0) &&
  (channels === 'all' || (channels === 'group' ? c >= CHANNELS / 2 : c === CHANNELS - 1)) &&
  (positions === 'all' || p === POSITIONS - 1);

/** The faces of the N × C × H·W block that are seen: its front, its top and its right side. */
export function cubeFaces(axes: NormAxes): CubeFace[] {
  const faces: CubeFace[] = [];
  for (let p = 0; p < POSITIONS; p++) {
    for (let c = 0; c < CHANNELS; c++) {
      faces.push({
        corners: [corner(0, c, p), corner(0, c + 1, p), corner(0, c + 1, p + 1), corner(0, c, p + 1)],
        on: shares(axes, 0, c, p),
      });
    }
  }
  for (let n = 0; n < SAMPLES; n++) {
    for (let c = 0; c < CHANNELS; c++) {
      faces.push({
        corners: [
          corner(n, c, POSITIONS),
          corner(n, c + 1, POSITIONS),
          corner(n + 1, c + 1, POSITIONS),
          corner(n + 1, c, POSITIONS),
        ],
        on: shares(axes, n, c, POSITIONS - 1),
      });
    }
    for (let p = 0; p < POSITIONS; p++) {
      faces.push({
        corners: [
          corner(n, CHANNELS, p),
          corner(n + 1, CHANNELS, p),
          corner(n + 1, CHANNELS, p + 1),
          corner(n, CHANNELS, p + 1),
        ],
        on: shares(axes, n, CHANNELS - 1, p),
      });
    }
  }
  return faces;
}

export const WIDTH = MARGIN.left + CHANNELS * SIDE + SAMPLES * BEHIND.x + MARGIN.right;
export const HEIGHT = MARGIN.top - SAMPLES * BEHIND.y + POSITIONS * SIDE + MARGIN.bottom;
