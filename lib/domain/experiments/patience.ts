interface Patience {
  /** How long a person waits for the last look at what they end: what does harm is stopped without it, then. */
  readonly personMs: number;
  /** At a deadline nobody waits, but subjects go on being treated. */
  readonly deadlineMs: number;
}

let patience: Patience = { personMs: 5_000, deadlineMs: 30_000 };

export const getPatience = (): Patience => patience;

/** Another patience for this process: what is tested must not depend on how busy the machine is. */
export function providePatience(given: Patience): void {
  patience = given;
}
