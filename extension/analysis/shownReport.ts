import { tableLayers } from '../../src/engine/report/figureColumns';
import type { MeasuredLayer, Report, ReportSource } from '../../src/engine/report/report';
import { grouped } from '../grouped';
import type { TrackedText } from './trackedText';

/** A report as a document shows it: its figures, and the text that they are of. */
export class ShownReport {
  constructor(
    readonly report: Report,
    readonly measured: Date,
    private readonly text: TrackedText,
  ) {}

  /** The text that was analysed. */
  get analyzed(): string {
    return this.text.text;
  }

  /** Whether the document says something else by now than what was analysed. */
  get stale(): boolean {
    return this.text.stale;
  }

  /** The line (from 0) that a source stands on by now; undefined where that line was changed, or is in another file. */
  line(source: ReportSource): number | undefined {
    return this.text.line(source);
  }

  /** The layers that compute, by the line (from 0) that they stand on by now; several where a loop makes them. */
  layersByLine(): ReadonlyMap<number, readonly MeasuredLayer[]> {
    return grouped(tableLayers(this.report.layers), ({ source }) => this.line(source));
  }
}
