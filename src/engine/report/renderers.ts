import { html } from './html';
import { inspectText } from './inspectText';
import { json } from './json';
import { markdown } from './markdown';
import type { InspectReport, Report } from './report';
import { sarif } from './sarif';
import { type TextOptions, text } from './text';

/** A Report, or what `inspect` found, as text that ends in a line break. */
export type Renderer<R> = (report: R, options: TextOptions) => string;

/** Formats of `analyze`. Adding one is a row and a file. */
export const renderers = { text, json, html, sarif, markdown } satisfies Record<string, Renderer<Report>>;

/** Formats of `inspect`. */
export const inspectRenderers = { text: inspectText, json } satisfies Record<string, Renderer<InspectReport>>;
