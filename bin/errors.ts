/** What a process ends with; the page docs/command.md and every `--help` say the same. */
export const EXIT = { done: 0, failed: 1, differs: 2, waiting: 3, usage: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The call itself cannot be right: a flag, an argument or a setting. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** It was tried and did not work. `lines` says what and how to mend it. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  constructor(
    message: string,
    readonly lines: readonly string[] = [],
  ) {
    super(message);
  }
}
