import type { Chart, Plugin } from 'chart.js';
import type { Theme } from '../theme';

/** Rows that are marked behind the figures: the layers of the cursor's line, and the row that the keyboard is at. */
export interface RowMarks {
  readonly cursor: ReadonlySet<number>;
  readonly active: number | null;
}

/** Draws the marks across the labels and the chart. */
export const rowMarks = (marks: () => RowMarks, theme: () => Theme): Plugin => ({
  id: 'rowMarks',
  beforeDraw(chart) {
    const { cursor } = marks();
    const { band, bandBorder, focus } = theme();
    const { ctx } = chart;
    for (const row of cursor) {
      const { top, height } = rowBox(chart, row);
      ctx.fillStyle = band;
      ctx.fillRect(0, top, chart.width, height);
      if (bandBorder !== 'transparent') {
        ctx.strokeStyle = bandBorder;
        ctx.strokeRect(0.5, top + 0.5, chart.width - 1, height - 1);
      }
      // A bar at the edge says it without the colour of the band.
      ctx.fillStyle = focus;
      ctx.fillRect(0, top, 2, height);
    }
  },
  afterDraw(chart) {
    const { active } = marks();
    if (active === null) return;
    const { top, height } = rowBox(chart, active);
    chart.ctx.strokeStyle = theme().focus;
    chart.ctx.lineWidth = 1;
    chart.ctx.strokeRect(0.5, top + 0.5, chart.width - 1, height - 1);
  },
});

function rowBox(chart: Chart, row: number): { readonly top: number; readonly height: number } {
  const { y } = chart.scales;
  if (y === undefined) return { top: 0, height: 0 };
  const rows = Math.max(1, chart.data.labels?.length ?? 1);
  const height = Math.max(3, (y.bottom - y.top) / rows);
  return { top: y.getPixelForValue(row) - height / 2, height };
}
