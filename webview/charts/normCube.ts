import type { NormAxes } from '../panel/axes';
import { CHANNELS, corner, cubeFaces, HEIGHT, POSITIONS, SAMPLES, SIDE, WIDTH } from './cubeFaces';

const SVG = 'http://www.w3.org/2000/svg';

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
