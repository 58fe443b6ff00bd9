import { fileURLToPath } from 'node:url';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc';
import { analyzeOn } from '../analyze';
import { editableSource } from '../editableSource';
import type { Span } from '../network';
import {
  type AnalyzeParams,
  type CurrentNetworks,
  type CurrentNetworksParams,
  type DocumentText,
  documentNotifications,
  type LogLevel,
  notifications,
  PROTOCOL_VERSION,
  type ReadNetworksParams,
  type ReadNetworksResult,
  requests,
} from '../protocol';
import { type ImportRoots, type PythonChoice, sitePackagesOf } from '../readers';
import { type Report, type ReportSource, reportSource } from '../report';
import type { Runtime } from '../runtime';
import { version } from '../version';
import { failureOf, outdated } from './failures';
import { OpenDocuments } from './openDocuments';
import { documentOf, offeredNetwork, onlyNetwork, readDocument } from './reading';
import { RunQueue } from './runQueue';
import { structureFindings } from './structureFindings';

/** How long a request about what is typed lets newer ones come in, in milliseconds. */
const LISTENING = 2;

/** The engine behind a connection. */
export interface EngineHost {
  /** Logs an error that nobody caught and answers every request under way with it; resolves when that is written. */
  fail(error: unknown): Promise<void>;
}

/** A runtime that can be started ahead of its first use. */
type WarmRuntime = Runtime & { warm(): void };

/** How often progress may be told, in milliseconds: a person sees no more. */
const PROGRESS_INTERVAL = 50;

/** Answers the protocol's requests on `connection`, runs on `runtime`. Says ready first. */
export function serveEngine(connection: MessageConnection, runtime: WarmRuntime): EngineHost {
  const queue = new RunQueue();
  const crash = new Crash();
  const open = new OpenDocuments();
  const log = (level: LogLevel, message: string): void =>
    void connection.sendNotification(notifications.log, { level, message }).catch(() => undefined);

  /** One request: its errors as the protocol says them, its token as a signal. */
  const answer = async <T>(
    name: string,
    document: DocumentText,
    token: CancellationToken,
    work: (signal: AbortSignal, folder: string) => Promise<T>,
  ): Promise<T> => {
    const started = performance.now();
    const { signal, dispose } = signalOf(token);
    let toSource = (span: Span): ReportSource => reportSource(span, '/');
    try {
      const folder = folderOf(document.baseUri);
      toSource = (span) => reportSource(span, folder);
      const result = await Promise.race([work(signal, folder), crash.promise]);
      log('info', `${name} took ${Math.round(performance.now() - started)} ms`);
      return result;
    } catch (error) {
      const failure = failureOf(error, toSource);
      log(failure.data?.kind === 'engine' ? 'error' : 'info', `${name}: ${failure.message}`);
      if (failure.data?.kind === 'engine' && error instanceof Error && error.stack) log('debug', error.stack);
      throw failure;
    } finally {
      dispose();
    }
  };

  connection.onRequest(requests.readNetworks, ({ document, options, findings, rules }: ReadNetworksParams, token) =>
    answer('read', document, token, async (_, folder): Promise<ReadNetworksResult> => {
      const file = await documentOf(document);
      const networks = await readDocument(file, {
        ...options,
        imports: importRoots(folder, document.python),
      });
      const toSource = (span: Span) => reportSource(span, folder);
      return {
        networks: networks.map((network) => offeredNetwork(network, toSource)),
        findings: findings ? structureFindings(networks, file, toSource, rules) : [],
      };
    }),
  );

  connection.onNotification(documentNotifications.open, (params) => open.open(params));
  connection.onNotification(documentNotifications.change, (params) => open.change(params));
  connection.onNotification(documentNotifications.close, ({ uri }) => open.close(uri));

  connection.onRequest(
    requests.currentNetworks,
    async ({ uri, version, options, rules }: CurrentNetworksParams, token) => {
      // What has been typed since is on its way already: only the newest version is worth reading.
      await new Promise((resolve) => setTimeout(resolve, LISTENING));
      const document = token.isCancellationRequested ? undefined : open.at(uri, version);
      if (!document) throw outdated();
      return answer('follow', document, token, async (_, folder): Promise<CurrentNetworks> => {
        const file = await documentOf(document);
        const networks = await readDocument(file, {
          ...options,
          imports: importRoots(folder, document.python),
        });
        const toSource = (span: Span) => reportSource(span, folder);
        return {
          version,
          networks: networks.map((network) => offeredNetwork(network, toSource)),
          findings: structureFindings(networks, file, toSource, rules),
          unmodelled: networks
            .flatMap(({ unmodelled }) => unmodelled)
            .filter(
              (one, i, all) => all.findIndex((other) => other.why === one.why && other.source === one.source) === i,
            )
            .map(({ what, why, source }) => ({ what, why, source: toSource(source) })),
        };
      });
    },
  );

  connection.onRequest(requests.analyze, ({ runId, document, read, options }: AnalyzeParams, token) =>
    answer(`run ${runId}`, document, token, (signal, folder) =>
      queue.run(async (): Promise<Report> => {
        const reading = { ...read, imports: importRoots(folder, document.python) };
        const file = await documentOf(document);
        const network = onlyNetwork(await readDocument(file, reading));
        // What was read is on its way before the compiler takes the thread.
        await new Promise((resolve) => setImmediate(resolve));
        let told = Number.NEGATIVE_INFINITY;
        return analyzeOn(runtime, network, options, {
          signal,
          workingDirectory: folder,
          source: editableSource(file, network, (edited) => readDocument(edited, reading)),
          progress: (progress) => {
            const now = performance.now();
            if (now - told < PROGRESS_INTERVAL && progress.done < progress.total) return;
            told = now;
            void connection.sendNotification(notifications.progress, { runId, ...progress });
          },
          measured: (report) => void connection.sendNotification(notifications.partial, { runId, report }),
        });
      }, signal),
    ),
  );

  connection.listen();
  void connection.sendNotification(notifications.ready, { protocol: PROTOCOL_VERSION, engine: version });
  // The first probe process loads while the first document is read.
  runtime.warm();

  return {
    fail: async (error) => {
      log('error', error instanceof Error ? (error.stack ?? error.message) : String(error));
      crash.reject(error);
      // The answers are sent in the turns after the rejection.
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}

/** A promise that only a crash settles, for every request to be raced against. */
class Crash {
  readonly promise: Promise<never>;
  reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.promise = new Promise((_, reject) => {
      this.reject = reject;
    });
    this.promise.catch(() => undefined);
  }
}

/** The path that sources are relative to; a base that is no file has none, and its sources keep their URIs. */
const folderOf = (baseUri: string): string => (baseUri.startsWith('file:') ? fileURLToPath(baseUri) : '/');

/** Files of the document's own folder may be imported, as they are on disk; a document that is no file has none. */
const importRoots = (folder: string, python: PythonChoice | undefined): ImportRoots => ({
  workspace: folder === '/' ? [] : [folder],
  hint: "choose an interpreter in the Python extension, or say its folder of packages in the setting 'normscope.python.sitePackages'",
  sitePackages: python ? sitePackagesOf(python) : [],
});

function signalOf(token: CancellationToken): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  const listening = token.onCancellationRequested(() => controller.abort());
  return { signal: controller.signal, dispose: () => listening.dispose() };
}
