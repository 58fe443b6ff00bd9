import { tableLayers } from './figureColumns';
import { figureText } from './figureText';
import { literal, type Markup, markup } from './markup';
import type { Figure, MeasuredLayer } from './report';

const WIDTH = 760;
const HEIGHT = 280;
const LEFT = 64;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 40;
const MOST_TICKS = 7;

interface Series {
  readonly name: string;
  readonly style: string;
  of(layer: MeasuredLayer): Figure | null;
}

const SERIES: readonly Series[] = [
  { name: 'gradient norm', style: 'norm', of: (layer) => layer.gradientNorm },
  { name: 'output gradient RMS', style: 'output', of: (layer) => layer.outputGradientRms },
];

const drawable = (figure: Figure | null): figure is number => typeof figure === 'number' && figure > 0;

/**
 * The gradients along depth on a logarithmic scale, as inline SVG with the same figures in a table under it.
 * Zero, NaN and infinity have no place on the scale: they stand in the table alone, and the line breaks there.
 */
export function gradientChart(all: readonly MeasuredLayer[]): Markup {
  const layers = tableLayers(all).filter((layer) => SERIES.some((series) => series.of(layer) !== null));
  const values = layers.flatMap((layer) => SERIES.map((series) => series.of(layer)).filter(drawable));
  if (values.length === 0) return markup`<p>No gradient was measured.</p>`;

  const logs = values.map(Math.log10);
  const low = Math.floor(Math.min(...logs));
  const high = Math.max(low + 1, Math.ceil(Math.max(...logs)));
  const x = (index: number): number => round(LEFT + ((index + 0.5) / layers.length) * (WIDTH - LEFT - RIGHT));
  const y = (value: number): number =>
    round(TOP + ((high - Math.log10(value)) / (high - low)) * (HEIGHT - TOP - BOTTOM));
  const step = Math.ceil((high - low) / MOST_TICKS);
  const ticks = Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, index) => low + index * step);

  const grid = ticks.map((power) => {
    const at = y(10 ** power);
    return markup`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text x="${LEFT - 8}" y="${at + 4}" text-anchor="end">1e${power}</text>`;
  });
  const lines = SERIES.map((series) => {
    const points = layers.map((layer, index) => {
      const value = series.of(layer);
      return drawable(value) ? { layer, value, x: x(index), y: y(value) } : null;
    });
    // A layer without this figure is passed over; one whose figure cannot be drawn breaks the line.
    let path = '';
    let pen: 'M' | 'L' = 'M';
    points.forEach((point, index) => {
      if (point !== null) {
        path += `${pen}${point.x} ${point.y}`;
        pen = 'L';
      } else if (series.of(layers[index]!) !== null) pen = 'M';
    });
    const dots = points.flatMap((point) =>
      point === null
        ? []
        : [
            markup`<circle class="${series.style}" cx="${point.x}" cy="${point.y}" r="3"><title>${point.layer.id} (${point.layer.kind}): ${series.name} ${figureText(point.value)}</title></circle>`,
          ],
    );
    return markup`<path class="${series.style}" d="${path}"/>${dots}`;
  });

  return markup`<figure>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="chart-title chart-text">
<title id="chart-title">Gradients along depth</title>
<desc id="chart-text">Logarithmic scale, first layer at the left, last at the right; the figures are in the table below.</desc>
${grid}${lines}
<text x="${LEFT}" y="${HEIGHT - 12}">${cut(layers[0]!.id)}</text>
<text x="${WIDTH - RIGHT}" y="${HEIGHT - 12}" text-anchor="end">${cut(layers[layers.length - 1]!.id)}</text>
</svg>
<figcaption><span class="key norm">${literal('●')} gradient norm</span> <span class="key output">${literal('●')} output gradient RMS</span>, at initialization, logarithmic</figcaption>
<details><summary>The chart as a table</summary>
<table><thead><tr><th scope="col">layer</th>${SERIES.map((series) => markup`<th scope="col">${series.name}</th>`)}</tr></thead>
<tbody>${layers.map(
    (layer) =>
      markup`<tr><th scope="row">${layer.id}</th>${SERIES.map((series) => markup`<td>${figureText(series.of(layer))}</td>`)}</tr>
`,
  )}</tbody></table></details>
</figure>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
const cut = (id: string): string => (id.length <= 40 ? id : `${id.slice(0, 39)}…`);
