import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { serveEngine } from './engineHost';
import { ProcessRuntime } from './runtime';
import { RUNTIME_VARIABLE, refusedChoice, runtimeChoice } from './runtimeChoice';

/** The engine host's process: forked by the extension, spoken to over its IPC channel, ended with its parent. */
function main(): void {
  if (process.send === undefined) {
    process.stderr.write('normscope: the engine host is started by the editor; use the command line instead\n');
    process.exit(2);
  }
  const choice = runtimeChoice(process.env[RUNTIME_VARIABLE]);
  if (choice === undefined) {
    const { what, mend } = refusedChoice(process.env[RUNTIME_VARIABLE]);
    process.stderr.write(`normscope: ${what}; ${mend}\n`);
    process.exit(2);
  }
  const runtime = new ProcessRuntime({ choice });
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  const host = serveEngine(connection, runtime);

  const end = (code: number): void => {
    runtime.dispose();
    process.exit(code);
  };
  // Nothing is known of the state after these: whoever waits is answered, then a new process is better than this one.
  const crash = (error: unknown): void => {
    void host.fail(error).finally(() => end(70));
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  process.on('disconnect', () => end(0));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => end(0));
}

main();
