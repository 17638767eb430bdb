import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import path from "node:path";

const SAVE_MS = 5_000;

/**
 * Remembers over a restart what PostgreSQL has, so that it is not sent again. It may be late or missing, never ahead: then more is sent
 * again, which the ingest knows.
 */
export class AcknowledgedFile {
  readonly #file: string;
  readonly #monotonicMs: () => number;
  #savedAtMs = Number.NEGATIVE_INFINITY;
  #saving: Promise<void> | null = null;

  constructor(folder: string, monotonicMs: () => number) {
    this.#file = path.join(folder, "acknowledged");
    this.#monotonicMs = monotonicMs;
  }

  /** 0 when nothing usable was kept. */
  read(): number {
    try {
      const sequence = Number(readFileSync(this.#file, "utf8"));
      return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : 0;
    } catch {
      return 0;
    }
  }

  /** Keeps it, now and then, without waiting. */
  keep(sequence: number): void {
    if (this.#saving !== null || this.#monotonicMs() - this.#savedAtMs < SAVE_MS) return;
    this.#savedAtMs = this.#monotonicMs();
    this.#saving = this.#save(sequence).finally(() => {
      this.#saving = null;
    });
  }

  /** Keeps it before the process ends, after what is being kept. @throws when the disk does not take it */
  async keepNow(sequence: number): Promise<void> {
    await this.#saving;
    writeFileSync(`${this.#file}.tmp`, String(sequence));
    renameSync(`${this.#file}.tmp`, this.#file);
  }

  async #save(sequence: number): Promise<void> {
    try {
      await writeFile(`${this.#file}.tmp`, String(sequence));
      await rename(`${this.#file}.tmp`, this.#file);
    } catch {
      // A full disk: more is then sent again after a restart.
    }
  }
}
