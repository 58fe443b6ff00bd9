import type { NormAxes } from '../panel/axes';

const SVG = 'http://www.w3.org/2000/svg';
const [SAMPLES, CHANNELS, POSITIONS] = [3, 4, 3];
/** Side of a cell, and how far the next sample stands behind, in units of the picture. */
const SIDE = 22;
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
const corner = (n: number, c: number, p: number): Point => ({
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

const WIDTH = MARGIN.left + CHANNELS * SIDE + SAMPLES * BEHIND.x + MARGIN.right;
const HEIGHT = MARGIN.top - SAMPLES * BEHIND.y + POSITIONS * SIDE + MARGIN.bottom;

/** The block as a picture in the theme's colours; what is normalized together is filled. */
export function normCube(axes: NormAxes): SVGSVGElement {
  const picture = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    width: String(WIDTH),
    height: String(HEIGHT),
    role: 'img',
    'aria-label': axes.sentence,
    class: 'cube',
  });
  for (const { corners, on } of cubeFaces(axes)) {
    const points = corners.map(({ x, y }) => `${x},${y}`).join(' ');
    picture.appendChild(svg('polygon', { points, class: on ? 'on' : 'off' }));
  }
  const front = corner(0, 0, 0);
  const label = (text: string, x: number, y: number, anchor = 'middle') => {
    const made = svg('text', { x: String(x), y: String(y), 'text-anchor': anchor, 'aria-hidden': 'true' });
    made.textContent = text;
    picture.appendChild(made);
  };
  label('C', front.x + (CHANNELS * SIDE) / 2, front.y + 15);
  label('H·W', front.x - 4, front.y - (POSITIONS * SIDE) / 2 + 4, 'end');
  const behind = corner(SAMPLES / 2, CHANNELS, 0);
  label('N', behind.x + 8, behind.y + 10, 'start');
  return picture;
}

function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
