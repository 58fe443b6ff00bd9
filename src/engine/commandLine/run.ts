import { InputError } from '../network';
import { reportSource, sourceText } from '../report/reportSource';
import { visibleText } from '../report/visibleText';
import { parseArguments, type Request } from './arguments';
import { engineFailed } from './engineFailed';
import { type ExitCode, exitCodes } from './exitCode';
import { type Terminal, write } from './terminal';

/** Runs one command line; every mistake and failure is one line on standard error. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await dispatch(parseArguments(args), terminal);
  } catch (error) {
    await write(terminal.stderr, `${errorLine(error, terminal.workingDirectory)}\n`);
    if (error instanceof InputError) return exitCodes.wrongInput;
    if (terminal.environment.NORMSCOPE_DEBUG && error instanceof Error) {
      await write(terminal.stderr, `${error.stack}\n`);
    }
    return exitCodes.failed;
  }
}

async function dispatch(request: Request, terminal: Terminal): Promise<ExitCode> {
  switch (request.command) {
    case 'help':
      await write(terminal.stdout, (await import('./help')).help(request.about));
      return exitCodes.done;
    case 'version':
      await write(terminal.stdout, `${(await import('../version')).version}\n`);
      return exitCodes.done;
    case 'inspect':
      return (await import('./inspectCommand')).inspectCommand(request, terminal);
    case 'analyze':
      return (await import('./analyzeCommand')).analyzeCommand(request, terminal);
    case 'rules':
      return (await import('./rulesCommand')).rulesCommand(request, terminal);
    case 'explain':
      return (await import('./explainCommand')).explainCommand(request, terminal);
    case 'convert':
      return (await import('./convertCommand')).convertCommand(request, terminal);
  }
}

function errorLine(error: unknown, workingDirectory: string): string {
  const said = visibleText(error instanceof Error ? error.message : String(error));
  if (!(error instanceof InputError)) return `normscope: ${engineFailed(said)}`;
  const place = error.source === undefined ? 'normscope' : sourceText(reportSource(error.source, workingDirectory));
  return `${visibleText(place)}: ${said}`;
}
