// Everything that a page and the extension say to one another. Both sides check what they receive by the schemas below:
// a page because any frame may post to it, the extension because a page shows text of foreign files.
// The sidebar and the panel speak the same language; valibot is the checker (no dependency of its own, 8 kB in a page, and
// TypeScript holds each schema against its interface).
import * as v from 'valibot';
import type { Figure, Report } from '../src/engine/report/report';
import { reportSchema } from './reportSchema';

// #region To a page

/** The newest figures, whole; null before the first. Sent when a page shows and whenever they change. */
export interface ReportMessage {
  readonly type: 'report';
  readonly shown: {
    /** As `reportForView` gives it. */
    readonly report: Report;
    /** When it was measured, in milliseconds since 1970. */
    readonly measured: number;
  } | null;
}

/** What else is known of the analysis: small, and sent often. */
export interface StatusMessage {
  readonly type: 'status';
  /** Name of the file that is shown; null where no file can be analysed. */
  readonly file: string | null;
  /** Name of the active editor's file where it is another one that can be analysed. */
  readonly other: string | null;
  readonly run: {
    readonly network: string;
    readonly batch: number;
    /** What is being done, in words. */
    readonly stage: string;
    /** `done` of `total` units of the stage; total 0 where nobody knows. */
    readonly done: number;
    readonly total: number;
    /** What is left after this stage, in words. */
    readonly left: readonly string[];
  } | null;
  readonly failure: {
    readonly sentence: string;
    /** Whether the person's input is wrong (else the engine failed). */
    readonly input: boolean;
    /** Line (from 1) where the input is wrong, where there is one. */
    readonly line: number | null;
  } | null;
  /** Whether the file says something else by now than what was measured. */
  readonly stale: boolean;
}

/** Ids of the layers at the cursor's line. */
export interface CursorMessage {
  readonly type: 'cursor';
  readonly layers: readonly string[];
}

/** A run that ended with a report; the time it was measured names it. */
export interface EarlierRun {
  readonly measured: number;
  readonly batch: number;
  readonly seed: number;
  /** What it recommends, in words; null where it recommends nothing. */
  readonly advice: string | null;
  readonly findings: number;
}

/** The document's runs, the newest first. */
export interface RunsMessage {
  readonly type: 'runs';
  readonly runs: readonly EarlierRun[];
}

/** The run to compare with, as the page asked; null where it is not known any more. */
export interface ComparisonMessage {
  readonly type: 'comparison';
  readonly before: { readonly report: Report; readonly measured: number } | null;
}

/** One quantity of every layer by training step, as the page asked. */
export interface HistoryMessage {
  readonly type: 'history';
  /** Of the figures that were measured then. */
  readonly measured: number;
  readonly quantity: string;
  /** By layer id; layers without it are left out. */
  readonly layers: Readonly<Record<string, readonly Figure[]>>;
}

export type ToView = ReportMessage | StatusMessage | CursorMessage | RunsMessage | ComparisonMessage | HistoryMessage;

// #endregion

// #region From a page

/** The page listens: everything is to be sent. */
export interface ReadyMessage {
  readonly type: 'ready';
}

/** The page has drawn the figures that were measured then; null for none. */
export interface DrawnMessage {
  readonly type: 'drawn';
  readonly measured: number | null;
}

/** Analyse the file that is shown, or the active editor's other file. */
export interface RunMessage {
  readonly type: 'run';
  readonly file: 'shown' | 'other';
}

export interface CancelMessage {
  readonly type: 'cancel';
}

export interface OpenPanelMessage {
  readonly type: 'openPanel';
}

/** Open the preview of the edits that do what is recommended. */
export interface ApplyMessage {
  readonly type: 'apply';
}

export interface ShowLogMessage {
  readonly type: 'showLog';
}

/** What a page can point at. Never a path or a line: the extension knows where things are. */
export type Target =
  | { readonly kind: 'layer'; readonly id: string }
  | { readonly kind: 'finding' | 'site' | 'place' | 'noise' | 'unmodelled'; readonly index: number }
  | { readonly kind: 'failure' };

/** Show the line of something in its editor. */
export interface RevealMessage {
  readonly type: 'reveal';
  readonly target: Target;
}

/** Show the figures of an earlier run. */
export interface ShowRunMessage {
  readonly type: 'showRun';
  readonly measured: number;
}

/** Compare with an earlier run; null ends it. */
export interface CompareMessage {
  readonly type: 'compare';
  readonly measured: number | null;
}

/** A quantity by training step is to be shown. */
export interface AskHistoryMessage {
  readonly type: 'askHistory';
  readonly quantity: string;
}

/** What a report can be saved as. */
export const EXPORTS = ['json', 'html', 'markdown'] as const;
export type ExportFormat = (typeof EXPORTS)[number];

/** Save the report that is shown; the extension asks where. */
export interface ExportMessage {
  readonly type: 'export';
  readonly format: ExportFormat;
}

/** Save a picture of a chart. */
export interface PictureMessage {
  readonly type: 'picture';
  /** What it shows, for the file's name. */
  readonly name: string;
  /** A PNG file in base64. */
  readonly data: string;
}

export type FromView =
  | ReadyMessage
  | ShowRunMessage
  | CompareMessage
  | AskHistoryMessage
  | ExportMessage
  | PictureMessage
  | DrawnMessage
  | RunMessage
  | CancelMessage
  | OpenPanelMessage
  | ApplyMessage
  | ShowLogMessage
  | RevealMessage;

// #endregion

const index = v.pipe(v.number(), v.integer(), v.minValue(0));

const figure = v.union([v.number(), v.picklist(['NaN', 'Infinity', '-Infinity'])]);
const shownReport = v.object({ report: reportSchema, measured: v.number() });

const toView: v.GenericSchema<unknown, ToView> = v.variant('type', [
  v.object({
    type: v.literal('report'),
    shown: v.nullable(shownReport),
  }),
  v.object({
    type: v.literal('status'),
    file: v.nullable(v.string()),
    other: v.nullable(v.string()),
    run: v.nullable(
      v.object({
        network: v.string(),
        batch: v.number(),
        stage: v.string(),
        done: v.number(),
        total: v.number(),
        left: v.array(v.string()),
      }),
    ),
    failure: v.nullable(v.object({ sentence: v.string(), input: v.boolean(), line: v.nullable(v.number()) })),
    stale: v.boolean(),
  }),
  v.object({ type: v.literal('cursor'), layers: v.array(v.string()) }),
  v.object({
    type: v.literal('runs'),
    runs: v.array(
      v.object({
        measured: v.number(),
        batch: v.number(),
        seed: v.number(),
        advice: v.nullable(v.string()),
        findings: v.number(),
      }),
    ),
  }),
  v.object({ type: v.literal('comparison'), before: v.nullable(shownReport) }),
  v.object({
    type: v.literal('history'),
    measured: v.number(),
    quantity: v.string(),
    layers: v.record(v.string(), v.array(figure)),
  }),
]);

const fromView: v.GenericSchema<unknown, FromView> = v.variant('type', [
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('drawn'), measured: v.nullable(v.number()) }),
  v.object({ type: v.literal('run'), file: v.picklist(['shown', 'other']) }),
  v.object({ type: v.literal('cancel') }),
  v.object({ type: v.literal('openPanel') }),
  v.object({ type: v.literal('apply') }),
  v.object({ type: v.literal('showLog') }),
  v.object({ type: v.literal('showRun'), measured: v.number() }),
  v.object({ type: v.literal('compare'), measured: v.nullable(v.number()) }),
  v.object({ type: v.literal('askHistory'), quantity: v.string() }),
  v.object({ type: v.literal('export'), format: v.picklist(EXPORTS) }),
  v.object({
    type: v.literal('picture'),
    name: v.pipe(v.string(), v.maxLength(200)),
    // A picture of a tall chart at a double density stays far below this.
    data: v.pipe(v.string(), v.maxLength(2 ** 25), v.regex(/^[A-Za-z0-9+/]+=*$/)),
  }),
  v.object({
    type: v.literal('reveal'),
    target: v.variant('kind', [
      v.object({ kind: v.literal('layer'), id: v.string() }),
      v.object({ kind: v.picklist(['finding', 'site', 'place', 'noise', 'unmodelled']), index }),
      v.object({ kind: v.literal('failure') }),
    ]),
  }),
]);

/** A received message, or why it is none. */
export type Received<M> = { readonly message: M } | { readonly refused: string };

const receiver =
  <M>(schema: v.GenericSchema<unknown, M>) =>
  (data: unknown): Received<M> => {
    const result = v.safeParse(schema, data, { abortEarly: true });
    if (result.success) return { message: result.output };
    const [issue] = result.issues;
    return { refused: `${v.getDotPath(issue) ?? 'message'}: ${issue.message}` };
  };

/** Reads what the extension sends to a page. */
export const receiveInView = receiver(toView);

/** Reads what a page sends to the extension. */
export const receiveFromView = receiver(fromView);
