import type { Logger } from "@/lib/infra/logger";

interface LoopOptions {
  readonly name: string;
  /** Pause after a run that has no more to do. */
  readonly idleMs: number;
  readonly logger: Logger;
  /** Awaited once, before the first run; does not throw. */
  readonly ready?: () => Promise<void>;
  /** True when there is more to do at once. */
  readonly run: () => Promise<boolean>;
}

const MAX_BACKOFF_MS = 5_000;

/** Runs a piece of work over and over until stopped; a failure is logged and tried again, later each time. */
export function startLoop({ name, idleMs, logger, ready, run }: LoopOptions): { stop(): Promise<void> } {
  let stopped = false;
  let wake: () => void = () => {};
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const done = (async () => {
    let failures = 0;
    await ready?.();
    while (!stopped) {
      try {
        const more = await run();
        failures = 0;
        if (!more && !stopped) await pause(idleMs);
      } catch (error) {
        failures++;
        logger.warn({ err: error, failures }, `${name} failed, trying again`);
        await pause(Math.min(idleMs * 2 ** failures, MAX_BACKOFF_MS));
      }
    }
  })();
  return {
    async stop() {
      stopped = true;
      wake();
      await done;
    },
  };
}
