/** What the process ends with. */
export const exitCodes = {
  done: 0,
  /** Findings at or above --fail-on. */
  findings: 1,
  /** The person's input is wrong. */
  wrongInput: 2,
  /** The engine failed, or the run was cancelled. */
  failed: 3,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
