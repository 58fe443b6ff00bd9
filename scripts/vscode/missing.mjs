/** Something from outside could not be had, said in one line: what needs it is skipped, not failed. */
export class Missing extends Error {}

/**
 * Ends a script that could not do its work: without what it needs it is skipped, unless NORMSCOPE_REQUIRE_VSCODE says that
 * it must run. Prints the counts that `npm test` reads, and sets the exit code.
 */
export function endUndone(error, { passed = 0, failed = 0 } = {}) {
  const skipped = error instanceof Missing && !process.env.NORMSCOPE_REQUIRE_VSCODE;
  process.stdout.write(`${skipped ? 'Skipped' : 'normscope'}: ${error.message}\n`);
  process.stdout.write(`\n${passed} passed, ${failed + (skipped ? 0 : 1)} failed${skipped ? ', 1 skipped' : ''}\n`);
  process.exitCode = skipped && failed === 0 ? 0 : 1;
}
