export type Pace = {
  steps: number;
  /** ms until the first step. */
  firstMs: number;
  /** ms between a step (1 …) and the one before it, asked when that one is taken. */
  stepMs: (step: number) => number;
  /** Steps [from, to) are due. */
  onSteps: (from: number, to: number) => void;
  /** After the last step; at `firstMs` where there are none. */
  onDone: () => void;
};

/**
 * Runs steps on their due times and returns how to cancel. A late timer catches up, so that the whole takes as long as
 * planned however coarse timers are; steps that take no time run at once, without a timer.
 */
export function startPace({ steps, firstMs, stepMs, onSteps, onDone }: Pace): () => void {
  let timer: NodeJS.Timeout | null = null;
  let taken = 0;
  let dueAt = performance.now() + firstMs;
  let cancelled = false;

  const tick = (): void => {
    timer = null;
    const now = performance.now();
    const from = taken;
    while (taken < steps && dueAt <= now) {
      taken += 1;
      if (taken < steps) dueAt += stepMs(taken);
    }
    if (taken > from) onSteps(from, taken);
    if (cancelled) return;
    if (taken >= steps && dueAt <= now) onDone();
    else timer = setTimeout(tick, Math.max(1, dueAt - now));
  };
  tick();
  return () => {
    cancelled = true;
    if (timer) clearTimeout(timer);
  };
}
