import type { Plugin } from 'chart.js';
import type { Theme } from '../theme';
import type { Line } from './lineChart';

/** Draws the area between each line's least and greatest figures, behind all lines. */
export const bands = (lines: readonly Line[], theme: () => Theme): Plugin => ({
  id: 'bands',
  beforeDatasetsDraw(chart) {
    const { x, y } = chart.scales;
    if (x === undefined || y === undefined) return;
    const { ctx, chartArea } = chart;
    const { series, foreground } = theme();
    for (const { band = [], series: own } of lines) {
      if (band.length < 2) continue;
      ctx.save();
      ctx.beginPath();
      ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
      ctx.clip();
      ctx.beginPath();
      for (const point of band) ctx.lineTo(x.getPixelForValue(point.x), y.getPixelForValue(point.high));
      for (const point of [...band].reverse()) ctx.lineTo(x.getPixelForValue(point.x), y.getPixelForValue(point.low));
      ctx.closePath();
      ctx.globalAlpha = 0.18;
      ctx.fillStyle = series[own] ?? foreground;
      ctx.fill();
      ctx.restore();
    }
  },
});
