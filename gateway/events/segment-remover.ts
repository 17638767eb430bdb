import { rm } from "node:fs/promises";
import type { Logger } from "@/lib/infra/logger";

/**
 * Removes files in the background: giving back the blocks of a large one takes the disk milliseconds. One after the other, so that
 * whatever a kill leaves behind is the newest of them.
 */
export class SegmentRemover {
  readonly #logger: Logger;
  #working: Promise<void> = Promise.resolve();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  later(file: string): void {
    this.#working = this.#working
      .then(() => rm(file, { force: true }))
      .catch((error: unknown) => this.#logger.warn({ err: error, file }, "a file of the spool could not be removed"));
  }

  /** Resolves when nothing is left to remove. */
  done(): Promise<void> {
    return this.#working;
  }
}
