import type { Plugin } from 'chart.js';
import type { Theme } from '../theme';

/** An upright line at one x, named at its top; `on` marks where the lines stand there. */
export interface Marker {
  readonly x: number;
  readonly name: string;
  readonly dashed?: boolean;
  readonly on?: readonly { readonly y: number; readonly series: number }[];
}

/** Draws the markers over the lines. */
export const markerPlugin = (markers: () => readonly Marker[], theme: () => Theme): Plugin => ({
  id: 'markers',
  afterDatasetsDraw(chart) {
    const { x, y } = chart.scales;
    if (x === undefined || y === undefined) return;
    const { ctx, chartArea } = chart;
    const { foreground, muted, series, font } = theme();
    for (const { x: at, name, dashed, on } of markers()) {
      // Beyond the scale there is nothing to stand at.
      if (at < x.min || at > x.max) continue;
      const left = x.getPixelForValue(at);
      ctx.save();
      ctx.strokeStyle = dashed ? muted : foreground;
      ctx.lineWidth = 1;
      ctx.setLineDash(dashed ? [2, 3] : []);
      ctx.beginPath();
      ctx.moveTo(left, chartArea.top);
      ctx.lineTo(left, chartArea.bottom);
      ctx.stroke();
      ctx.font = `${font.size}px ${font.family}`;
      ctx.fillStyle = dashed ? muted : foreground;
      const half = ctx.measureText(name).width / 2;
      ctx.textAlign = 'center';
      ctx.textBaseline = 'bottom';
      ctx.fillText(name, Math.max(half, Math.min(chart.width - half, left)), chartArea.top - 4);
      ctx.setLineDash([]);
      for (const point of on ?? []) {
        ctx.beginPath();
        ctx.arc(left, y.getPixelForValue(point.y), 4, 0, 2 * Math.PI);
        ctx.fillStyle = series[point.series] ?? foreground;
        ctx.fill();
      }
      ctx.restore();
    }
  },
});
