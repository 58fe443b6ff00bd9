import { setFlagsFromString } from 'node:v8';
import { run } from './commandLine';

/** V8's versions that know the flag (Node 20 to 24): another would complain on standard error. */
const KNOWN_V8 = { from: 11, to: 13 };

/**
 * A command line lives for seconds. What V8 optimizes by its usual measure, within a fraction of one, takes a third of this
 * process's time and pays for a fifth of it: the probes want the cores. So it waits five times as long.
 */
function optimizeLater(): void {
  const major = Number.parseInt(process.versions.v8, 10);
  if (major >= KNOWN_V8.from && major <= KNOWN_V8.to) setFlagsFromString('--interrupt-budget=700000');
}

/** The process of the command line: hands the real streams to `run` and ends with its exit code. */
async function main(): Promise<void> {
  // A reader that has seen enough (`| head`) closes the pipe; that is no failure to tell of.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
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
