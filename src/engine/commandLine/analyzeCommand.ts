import type { Engine } from '../analyze';
import type { GivenData } from '../dataFiles';
import { editableSource } from '../editableSource';
import { InputError, type Network, type Span } from '../network';
import { readerFor } from '../readers/table';
import { type Report, reportSource } from '../report';
import { RUNTIME_VARIABLE, type RuntimeChoice, refusedChoice, runtimeChoice } from '../runtimeChoice';
import type { AnalyzeRequest, FailOn } from './arguments';
import { openBaselines } from './baselines';
import { checkRules } from './checkRules';
import { engineFailed } from './engineFailed';
import { type ExitCode, exitCodes } from './exitCode';
import { checkOutput, writeReport } from './output';
import { progressLine } from './progressLine';
import { onlyNetwork, type ReadFile, readFile } from './readNetworks';
import { type Terminal, textOptions, write } from './terminal';

/** Analyses the one network of a model file and prints the report. */
export async function analyzeCommand(request: AnalyzeRequest, terminal: Terminal): Promise<ExitCode> {
  // Whatever takes time to start begins here, and is ready when the file has been read.
  const engine = startEngine(chosenRuntime(terminal.environment[RUNTIME_VARIABLE]));
  try {
    return await analyzeWith(engine, request, terminal);
  } finally {
    await engine.then(({ end }) => end()).catch(() => {});
  }
}

async function analyzeWith(engine: Promise<Engine>, request: AnalyzeRequest, terminal: Terminal): Promise<ExitCode> {
  const { workingDirectory } = terminal;
  await checkOutput(request.output, request.file, workingDirectory);
  await checkRules(request.rules);
  const baselines = await openBaselines(request, workingDirectory);
  const data = request.data === undefined ? undefined : await readOwnData(request.data, workingDirectory);
  const file = await fileFor(request, data, workingDirectory);
  const network = onlyNetwork(file.networks, request.file);
  const { analyze } = await engine;

  const progress = progressLine(terminal.stderr, request.format !== 'json');
  const cancel = new AbortController();
  const stopListening = terminal.onInterrupt(() => cancel.abort());
  let report: Report;
  try {
    report = await analyze(
      network,
      { ...request.options, data, ...weightsOf(request), ...(request.rules && { rules: request.rules }) },
      {
        signal: cancel.signal,
        progress: progress.show,
        workingDirectory,
        source: editableSource(file.document, network, file.reread),
      },
    );
  } catch (error) {
    progress.clear();
    if (!cancel.signal.aborted) {
      if (request.format === 'text' && request.output === undefined)
        await sayStructure(network, file, request, terminal);
      throw error;
    }
    await write(terminal.stderr, 'normscope: cancelled before anything was measured\n');
    return exitCodes.failed;
  } finally {
    stopListening();
    progress.clear();
  }

  report = baselines.judged(report.network, report);
  await baselines.save();
  const { renderers } = await import('../report/renderers');
  const options = textOptions(terminal, request.output !== undefined);
  const help = request.format === 'sarif' ? { ruleHelp: await rulesOf(report) } : {};
  await writeReport(renderers[request.format](report, { ...options, ...help }), request.output, terminal);
  if (report.failure !== undefined) await write(terminal.stderr, `normscope: ${engineFailed(report.failure)}\n`);
  if (report.status === 'cancelled' || report.failure !== undefined) return exitCodes.failed;
  return failsOn(report, request.failOn) ? exitCodes.findings : exitCodes.done;
}

/** What is known of the rules that a report names. */
async function rulesOf({ findings, suppressed = [] }: Report) {
  const [pages, sarif] = await Promise.all([import('./rulePages'), import('../report/sarif')]);
  return pages.ruleHelp(sarif.rulesOf([...findings, ...suppressed]));
}

/** Where nothing can be measured, what needs no measuring still stands: on standard output, as the error is on the other. */
async function sayStructure(
  network: Network,
  { document }: ReadFile,
  { rules }: AnalyzeRequest,
  terminal: Terminal,
): Promise<void> {
  const [{ findInStructure }, { findingRecords, ignoredRecords }, { findingsText }, { sourceTexts, withoutIgnored }] =
    await Promise.all([
      import('../rules'),
      import('../findingRecord'),
      import('../report/findingText'),
      import('../suppression'),
    ]);
  const toSource = (span: Span) => reportSource(span, terminal.workingDirectory);
  const { kept, ignored } = withoutIgnored(network, findInStructure(network, rules), sourceTexts(document));
  const findings = findingRecords(network, kept, toSource);
  const suppressed = ignoredRecords(network, ignored, toSource);
  if (findings.length + suppressed.length > 0)
    await write(terminal.stdout, findingsText(findings, textOptions(terminal, false), suppressed));
}

/** Its parsers are loaded when there is something to parse. */
const readOwnData = async (option: string, workingDirectory: string): Promise<GivenData> =>
  (await import('../dataFiles')).readData(option, workingDirectory);

/** The file with its one network; where nothing says its input, the data does. */
async function fileFor(
  request: AnalyzeRequest,
  data: GivenData | undefined,
  workingDirectory: string,
): Promise<ReadFile> {
  const open = data && !request.read.inputs ? { ...request, read: { ...request.read, assume: false } } : request;
  const file = await readFile(open, workingDirectory);
  const network = onlyNetwork(file.networks, request.file);
  if (!data || network.inputs.length > 0 || request.read.inputs) return file;
  const inputs = data.inputs.map(({ name, shape, values }) => ({
    ...(data.inputs.length > 1 && name !== undefined && { name }),
    shape,
    // Small whole numbers are pixels; others are more likely indices.
    ...((values instanceof Int32Array || values instanceof BigInt64Array) && { dtype: 'int64' as const }),
  }));
  const read = { ...request.read, inputs, givenBy: '--data' };
  return readFile({ ...request, read }, workingDirectory);
}

/** Which weights the network begins with, where its file may hold some. */
function weightsOf({ file, read }: AnalyzeRequest): { weights?: 'file' | 'drawn' } {
  return readerFor(file)?.weights ? { weights: read.weights ? 'file' : 'drawn' } : {};
}

/** What the environment chooses. @throws InputError for a value that chooses nothing. */
function chosenRuntime(value: string | undefined): RuntimeChoice {
  const choice = runtimeChoice(value);
  if (choice !== undefined) return choice;
  const { what, mend } = refusedChoice(value);
  throw new InputError(what, mend);
}

/** The analysis, loaded when it is needed; a failure to start it is told where it is awaited. */
function startEngine(choice: RuntimeChoice): Promise<Engine> {
  const starting = import('../analyze').then((engine) => engine.startEngine(choice));
  starting.catch(() => {});
  return starting;
}

const GRAVITY: Readonly<Record<FailOn, number>> = { note: 1, warning: 2, error: 3, never: 4 };

/** Whether there is a finding as grave as asked, or graver. */
const failsOn = (report: Report, failOn: FailOn): boolean =>
  report.findings.some((finding) => GRAVITY[finding.severity] >= GRAVITY[failOn]);
