// The command line: arguments, files, output and exit codes. What is measured or read is decided elsewhere; the heavy
// parts are loaded when a command needs them.
export { type ExitCode, exitCodes } from './exitCode';
export { run } from './run';
