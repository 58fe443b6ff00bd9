import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { AnalyzeOptions, AnalyzeProgress } from './analyzeOptions';
import type { PythonChoice, ReadOptions } from './readers';
import type { Finding, Report, ReportSource } from './report/report';
import type { RuleSeverities } from './report/severity';

/** Changes whenever a message below does. The host says its version first; a client of another version stops there. */
export const PROTOCOL_VERSION = 6;

/**
 * What the host is told about a document: the text as the editor holds it, unsaved edits included. From disk the host
 * reads what the document imports out of its base folder and of the packages of `python`, and runs nothing of it.
 */
export interface DocumentText {
  readonly uri: string;
  /** Empty for a notebook, and for a file that is no text: that is read from disk. */
  readonly text: string;
  /**
   * URI of the folder that `ReportSource.file` is relative to: the workspace folder of the document, or the folder it
   * lies in. A document that is no file (`untitled:`) keeps its own URI in a source, whatever this says.
   */
  readonly baseUri: string;
  /** Whose packages may be read; absent: nobody's. */
  readonly python?: PythonChoice;
  /** Of a notebook, whose own text is empty: its cells of code, in order. */
  readonly cells?: readonly CellText[];
}

/** A cell as the editor holds it; what stands in it bears its URI in a source. */
export interface CellText {
  readonly uri: string;
  readonly text: string;
  /** Counted among all of the notebook's cells, from 0. */
  readonly index: number;
}

/** The document is followed from here on, or is another by now than its changes say. */
export interface OpenDocumentParams {
  readonly document: DocumentText;
  readonly version: number;
}

/** A stretch of a text replaced: offset and length in UTF-16 units, of the text as the change before left it. */
export interface TextChange {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

export interface ChangeDocumentParams {
  readonly uri: string;
  /** What the document is after the changes. */
  readonly version: number;
  /** URI of the cell that they are in. */
  readonly cell?: string;
  readonly changes: readonly TextChange[];
}

export interface CurrentNetworksParams {
  readonly uri: string;
  /** Where the document is another by the time of the answer, the request is cancelled. */
  readonly version: number;
  readonly options: ReadOptions;
  /** The severities of rules, where the person has chosen some. */
  readonly rules?: RuleSeverities;
}

/** What a document says at a version. */
export interface CurrentNetworks {
  readonly version: number;
  readonly networks: readonly OfferedNetwork[];
  /** What could not be modelled, each once. */
  readonly unmodelled: readonly { readonly what: string; readonly why: string; readonly source: ReportSource }[];
  /** What the rules on the structure find in all of them, each once. */
  readonly findings: readonly Finding[];
}

/** What only a person can say about a network that a file offers. */
export type Missing = 'input' | 'batch';

/** A network that a file offers. */
export interface OfferedNetwork {
  readonly name: string;
  readonly source: ReportSource;
  readonly parameters: number;
  /** Modules that compute something themselves. */
  readonly layers: number;
  /** A hash of what the network computes; the same in two texts that differ in comments and places alone. */
  readonly structure: string;
  /** With the batch; empty where nobody says a shape. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[];
  readonly batch: { readonly size: number; readonly origin: string };
  readonly missing: readonly Missing[];
}

export interface ReadNetworksParams {
  readonly document: DocumentText;
  readonly options: ReadOptions;
  /** Whether the rules on the structure shall look at what was read. */
  readonly findings?: boolean;
  /** The severities of rules, where the person has chosen some. */
  readonly rules?: RuleSeverities;
}

export interface ReadNetworksResult {
  readonly networks: readonly OfferedNetwork[];
  /** What the rules on the structure find in all of them, each once; empty where nobody asks for it. */
  readonly findings: readonly Finding[];
}

export interface AnalyzeParams {
  /** The client's, so that progress can be told apart. */
  readonly runId: number;
  readonly document: DocumentText;
  readonly read: ReadOptions;
  /** Own data stays in files: only the command line reads them. */
  readonly options: Omit<AnalyzeOptions, 'data'>;
}

export interface ProgressParams extends AnalyzeProgress {
  readonly runId: number;
}

export interface PartialParams {
  readonly runId: number;
  /** What is measured so far, without a recommendation. */
  readonly report: Report;
}

export interface ReadyParams {
  readonly protocol: number;
  /** The engine's version. */
  readonly engine: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogParams {
  readonly level: LogLevel;
  readonly message: string;
}

/** Why a request was answered with an error, as `data` of the JSON-RPC error. */
export type Failure =
  /** The person's input is wrong. `needs` names constructor arguments that only a person can give. */
  | {
      readonly kind: 'input';
      readonly what: string;
      readonly mend: string;
      readonly source: ReportSource | null;
      readonly needs: readonly string[];
    }
  /** The engine failed; the error's message is one sentence. */
  | { readonly kind: 'engine' }
  /** Cancelled before anything was measured. */
  | { readonly kind: 'cancelled' };

/** JSON-RPC codes of the failures. -32800 is the language server protocol's for a cancelled request. */
export const failureCodes = {
  input: -32001,
  engine: -32002,
  cancelled: -32800,
} as const satisfies Record<Failure['kind'], number>;

/** Requests, client to host. Cancelled by the JSON-RPC token. */
export const requests = {
  /** The networks that a document offers, and what is missing. */
  readNetworks: new RequestType<ReadNetworksParams, ReadNetworksResult, Failure>('normscope/readNetworks'),
  /** The networks of a document that is followed, as it is at a version. Out of date, it is cancelled. */
  currentNetworks: new RequestType<CurrentNetworksParams, CurrentNetworks, Failure>('normscope/currentNetworks'),
  /** Runs wait for one another. A cancelled run answers with what it has measured (`status: "cancelled"`), or fails. */
  analyze: new RequestType<AnalyzeParams, Report, Failure>('normscope/analyze'),
} as const;

/** Notifications, client to host: what becomes of the documents that are followed. */
export const documentNotifications = {
  open: new NotificationType<OpenDocumentParams>('normscope/openDocument'),
  change: new NotificationType<ChangeDocumentParams>('normscope/changeDocument'),
  close: new NotificationType<{ readonly uri: string }>('normscope/closeDocument'),
} as const;

/** Notifications, host to client. */
export const notifications = {
  /** Before anything else. */
  ready: new NotificationType<ReadyParams>('normscope/ready'),
  progress: new NotificationType<ProgressParams>('normscope/progress'),
  /** First numbers, before the advice. */
  partial: new NotificationType<PartialParams>('normscope/partial'),
  log: new NotificationType<LogParams>('normscope/log'),
} as const;
