import type * as vscode from 'vscode';
import { tableLayers } from '../../src/engine/report/figureColumns';
import type { MeasuredLayer, Report, ReportSource } from '../../src/engine/report/report';
import { grouped } from '../grouped';
import type { TextPart } from './modelSource';
import type { Place, TrackedModel } from './trackedModel';

/** A report as a document or a notebook shows it: its figures, and the texts that they are of. */
export class ShownReport {
  constructor(
    readonly report: Report,
    readonly measured: Date,
    private readonly texts: TrackedModel,
    /** Whether the network is known to be another by now than the one that was measured. */
    private readonly isAnother: () => boolean = () => false,
  ) {}

  /** The texts that were analysed. */
  get analyzed(): readonly TextPart[] {
    return this.texts.parts;
  }

  /** Whether something else is written by now than what was analysed. */
  get stale(): boolean {
    return this.texts.stale;
  }

  /** Whether the figures beside a document's lines are old: it was edited, or what was edited elsewhere changed the network. */
  staleAt(uri: vscode.Uri): boolean {
    return this.texts.staleAt(uri) || (this.stale && this.isAnother());
  }

  /** Where a source stands by now; undefined where its line was changed, or is in another file. */
  place(source: ReportSource): Place | undefined {
    return this.texts.place(source);
  }

  /** The line (from 0) of a document that a source stands on by now; undefined where it does not stand in it. */
  lineIn(uri: vscode.Uri, source: ReportSource): number | undefined {
    const place = this.texts.place(source);
    return place?.uri.toString() === uri.toString() ? place.line : undefined;
  }

  /** The layers that compute, by the line (from 0) of a document that they stand on by now; several where a loop makes them. */
  layersByLine(uri: vscode.Uri): ReadonlyMap<number, readonly MeasuredLayer[]> {
    return grouped(tableLayers(this.report.layers), ({ source }) => this.lineIn(uri, source));
  }
}
