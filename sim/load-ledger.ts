import { open } from "node:fs/promises";

/** One finished request as the client saw it; a line of the ledger file. */
export type ClientRecord = {
  at: string;
  /** `x-switchyard-request-id`, else `x-request-id`; null where no answer came. */
  requestId: string | null;
  endpoint: string;
  /** 0 where no answer came. */
  status: number;
  outcome: ClientOutcome;
  /** Output tokens by the answer's usage. */
  tokens?: number;
};

/** `complete` was read to its proper end; `cut` began and broke off; `refused` is 4xx; `failed` is the rest. */
export type ClientOutcome = "complete" | "failed" | "cut" | "refused";

export type ClientLedger = {
  /** Resolves when the line is on disk (fdatasync); rejects where it cannot be written. */
  append: (record: ClientRecord) => Promise<void>;
  close: () => Promise<void>;
};

/** Opens a JSONL file to append to. Lines that come during one fdatasync share the next. */
export async function openClientLedger(file: string): Promise<ClientLedger> {
  const handle = await open(file, "a");
  let waiting: { line: string; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let draining: Promise<void> | null = null;

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await handle.appendFile(batch.map(({ line }) => line).join(""));
        await handle.datasync();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    draining = null;
  };
  return {
    append: (record) =>
      new Promise((resolve, reject) => {
        waiting.push({ line: `${JSON.stringify(record)}\n`, resolve, reject });
        draining ??= drain();
      }),
    close: async () => {
      await draining;
      await handle.close();
    },
  };
}
