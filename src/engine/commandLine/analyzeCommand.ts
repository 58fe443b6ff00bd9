import type { Analyze } from '../analyzeOptions';
import { InputError } from '../network';
import type { Report } from '../report';
import { RUNTIME_VARIABLE, type RuntimeChoice, refusedChoice, runtimeChoice } from '../runtimeChoice';
import type { AnalyzeRequest, FailOn } from './arguments';
import { type ExitCode, exitCodes } from './exitCode';
import { checkOutput, writeReport } from './output';
import { progressLine } from './progressLine';
import { onlyNetwork, readNetworks } from './readNetworks';
import { type Terminal, textOptions, write } from './terminal';

/** Analyses the one network of a model file and prints the report. */
export async function analyzeCommand(request: AnalyzeRequest, terminal: Terminal): Promise<ExitCode> {
  const { workingDirectory } = terminal;
  const runtime = chosenRuntime(terminal.environment[RUNTIME_VARIABLE]);
  // Whatever takes time to start begins here, and is ready when the file has been read.
  const loading = loadEngine();

  await checkOutput(request.output, workingDirectory);
  const network = onlyNetwork(await readNetworks(request, workingDirectory), request.file);
  const { analyze } = await loading;

  const progress = progressLine(terminal.stderr, request.format !== 'json');
  const cancel = new AbortController();
  const stopListening = terminal.onInterrupt(() => cancel.abort());
  let report: Report;
  try {
    report = await analyze(network, request.options, {
      signal: cancel.signal,
      progress: progress.show,
      workingDirectory,
      runtime,
    });
  } catch (error) {
    if (!cancel.signal.aborted) throw error;
    progress.clear();
    await write(terminal.stderr, 'normscope: cancelled before anything was measured\n');
    return exitCodes.failed;
  } finally {
    stopListening();
    progress.clear();
  }

  const { renderers } = await import('../report/renderers');
  const options = textOptions(terminal, request.output !== undefined);
  await writeReport(renderers[request.format](report, options), request.output, terminal);
  if (report.status === 'cancelled') return exitCodes.failed;
  return failsOn(report, request.failOn) ? exitCodes.findings : exitCodes.done;
}

/** What the environment chooses. @throws InputError for a value that chooses nothing. */
function chosenRuntime(value: string | undefined): RuntimeChoice {
  const choice = runtimeChoice(value);
  if (choice !== undefined) return choice;
  const { what, mend } = refusedChoice(value);
  throw new InputError(what, mend);
}

/** The analysis, loaded when it is needed; a failure to load it is told where it is awaited. */
function loadEngine(): Promise<{ readonly analyze: Analyze }> {
  const loading = import('../analyze');
  loading.catch(() => {});
  return loading;
}

const GRAVITY: Readonly<Record<FailOn, number>> = { note: 1, warning: 2, error: 3, never: 4 };

/** Whether there is a finding as grave as asked, or graver. */
const failsOn = (report: Report, failOn: FailOn): boolean =>
  report.findings.some((finding) => GRAVITY[finding.severity] >= GRAVITY[failOn]);
