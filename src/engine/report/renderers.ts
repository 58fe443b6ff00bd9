import type { InspectFormat, ReportFormat } from './formats';
import { html } from './html';
import { inspectText } from './inspectText';
import { json } from './json';
import { markdown } from './markdown';
import type { InspectReport, Report } from './report';
import { type RuleHelp, sarif } from './sarif';
import { type TextOptions, text } from './text';

/** A Report, or what `inspect` found, as text that ends in a line break. */
export type Renderer<R> = (report: R, options: RenderOptions) => string;

/** How wide and coloured a text is, and what is known of the rules, for formats that tell it. */
export interface RenderOptions extends TextOptions {
  readonly ruleHelp?: ReadonlyMap<string, RuleHelp>;
}

/** Formats of `analyze`. Adding one is a row, a file and its name in `formats`. */
export const renderers: Readonly<Record<ReportFormat, Renderer<Report>>> = { text, json, html, sarif, markdown };

/** Formats of `inspect`. */
export const inspectRenderers: Readonly<Record<InspectFormat, Renderer<InspectReport>>> = { text: inspectText, json };
