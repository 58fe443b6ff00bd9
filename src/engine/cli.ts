import { setFlagsFromString } from 'node:v8';
import { run } from './commandLine';

/**
 * A command line lives for seconds. Node 20's V8 optimizes what ran for a few milliseconds: 0.4 of the 1.5 seconds that this
 * process takes for an analysis of deep_sigmoid.py, while the probes want the cores. So it waits ten times as long. Later
 * versions wait by themselves, and would complain of the flag on standard error.
 */
function optimizeLater(): void {
  if (process.versions.v8.startsWith('11.3.')) setFlagsFromString('--interrupt-budget=700000');
}

/** The process of the command line: hands the real streams to `run` and ends with its exit code. */
async function main(): Promise<void> {
  // Whoever writes is told of a failure; a stream without a listener would end the process with a stack.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const code = await run(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    workingDirectory: process.cwd(),
    onInterrupt: (callback) => {
      // Once: a second Ctrl-C ends the process at once.
      process.once('SIGINT', callback);
      process.once('SIGTERM', callback);
      return () => {
        process.removeListener('SIGINT', callback);
        process.removeListener('SIGTERM', callback);
      };
    },
  });
  // Everything has been written by now; a warm child must not hold the process.
  process.exit(code);
}

optimizeLater();
void main();
