/** A line of a plot; `dashed` for theory, `marks` alone for measurements. */
export interface Line {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [number, number])[];
  readonly style: 'line' | 'dashed' | 'marks';
}

/** One plot of the figure: axes in powers of two (x), and logarithmic or linear (y). */
export interface Plot {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly yScale: 'log' | 'linear';
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  formatY(value: number): string;
  readonly lines: readonly Line[];
  /** Lines of text under the plot. */
  readonly notes: readonly string[];
}

const WIDTH = 560;
const HEIGHT = 360;
const MARGIN = { left: 64, right: 16, top: 36, bottom: 48 } as const;
const LEGEND = 18;

const safe = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const round = (value: number) => Math.round(value * 10) / 10;

function drawPlot(plot: Plot, left: number): string {
  const {
    x: [xLow, xHigh],
    y: [yLow, yHigh],
    yScale,
  } = plot;
  const scaleY = yScale === 'log' ? Math.log : (value: number) => value;
  const x = (value: number) =>
    round(
      left +
        MARGIN.left +
        ((Math.log(value) - Math.log(xLow)) / (Math.log(xHigh) - Math.log(xLow))) *
          (WIDTH - MARGIN.left - MARGIN.right),
    );
  const y = (value: number) =>
    round(
      MARGIN.top +
        ((scaleY(yHigh) - scaleY(value)) / (scaleY(yHigh) - scaleY(yLow))) * (HEIGHT - MARGIN.top - MARGIN.bottom),
    );
  const bottom = HEIGHT - MARGIN.bottom;
  const parts = [
    `<text class="title" x="${left + MARGIN.left}" y="20">${safe(plot.title)}</text>`,
    ...plot.yTicks.map(
      (tick) =>
        `<line class="grid" x1="${x(xLow)}" x2="${x(xHigh)}" y1="${y(tick)}" y2="${y(tick)}"/><text x="${x(xLow) - 6}" y="${y(tick) + 4}" text-anchor="end">${plot.formatY(tick)}</text>`,
    ),
    ...plot.xTicks.map(
      (tick) =>
        `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${MARGIN.top}" y2="${bottom}"/><text x="${x(tick)}" y="${bottom + 16}" text-anchor="middle">${tick.toLocaleString('en-US')}</text>`,
    ),
    `<text x="${left + (MARGIN.left + WIDTH) / 2}" y="${bottom + 36}" text-anchor="middle">${safe(plot.xTitle)}</text>`,
    `<text transform="translate(${left + 14} ${(MARGIN.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${safe(plot.yTitle)}</text>`,
  ];
  for (const { color, points, style } of plot.lines) {
    const inside = points.filter(([, value]) => value >= yLow && value <= yHigh);
    if (style !== 'marks') {
      const path = inside.map(([a, b], i) => `${i === 0 ? 'M' : 'L'}${x(a)} ${y(b)}`).join('');
      parts.push(`<path d="${path}" stroke="${color}"${style === 'dashed' ? ' stroke-dasharray="5 4"' : ''}/>`);
    }
    if (style !== 'dashed') {
      parts.push(...inside.map(([a, b]) => `<circle cx="${x(a)}" cy="${y(b)}" r="3.5" fill="${color}"/>`));
    }
  }
  plot.lines.forEach(({ name, color, style }, i) => {
    const at = HEIGHT + 6 + i * LEGEND;
    const from = left + MARGIN.left;
    parts.push(
      style === 'marks'
        ? `<circle cx="${from + 10}" cy="${at - 4}" r="3.5" fill="${color}"/>`
        : `<path d="M${from} ${at - 4}L${from + 20} ${at - 4}" stroke="${color}"${style === 'dashed' ? ' stroke-dasharray="5 4"' : ''}/>`,
      `<text x="${from + 28}" y="${at}">${safe(name)}</text>`,
    );
  });
  plot.notes.forEach((note, i) => {
    const at = HEIGHT + 12 + (plot.lines.length + i) * LEGEND;
    parts.push(`<text class="note" x="${left + MARGIN.left}" y="${at}">${safe(note)}</text>`);
  });
  return parts.join('\n');
}

/** Plots side by side, as a picture that stands alone, on white. `description` says in words what it shows. */
export function drawing(plots: readonly Plot[], title: string, description: string): string {
  const rows = Math.max(...plots.map(({ lines, notes }) => lines.length + notes.length));
  const [width, height] = [WIDTH * plots.length, HEIGHT + 16 + rows * LEGEND];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">
<title id="title">${safe(title)}</title>
<desc id="description">${safe(description)}</desc>
<style>
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; font-size: 14px; }
.note { fill: #57606a; }
.grid { stroke: #d0d7de; stroke-width: 1; }
path { fill: none; stroke-width: 2; }
</style>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${plots.map((plot, i) => drawPlot(plot, i * WIDTH)).join('\n')}
</svg>
`;
}
