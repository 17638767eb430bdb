import { Worker } from "node:worker_threads";
import type { DistributionComparison } from "@/lib/core/stats";

export interface CompareRequest {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

export type CompareAnswer =
  | { readonly ok: true; readonly comparison: DistributionComparison }
  | { readonly ok: false; readonly message: string };

export interface Comparer {
  /** Takes both arrays over: they are empty here afterwards. One at a time. */
  compare(reference: Float64Array, current: Float64Array): Promise<DistributionComparison>;
  close(): Promise<void>;
}

/** In the built program the thread lies beside the worker as JavaScript; from the sources tsx reads it, whoever loaded this module. */
function startThread(): Worker {
  if (import.meta.url.endsWith(".mjs")) return new Worker(new URL("./compare-columns.thread.mjs", import.meta.url));
  const source = new URL("./compare-columns.thread.ts", import.meta.url).href;
  const load = `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(source)}); })`;
  return new Worker(load, { eval: true });
}

/** A thread of its own for one run: its memory goes with it. */
export function startComparer(): Comparer {
  const thread = startThread();
  const compare = ({ reference, current }: CompareRequest) =>
    new Promise<DistributionComparison>((resolve, reject) => {
      const clear = () => {
        thread.off("message", onMessage).off("error", onError).off("exit", onExit);
      };
      const onMessage = (answer: CompareAnswer) => {
        clear();
        if (answer.ok) resolve(answer.comparison);
        else reject(new Error(answer.message));
      };
      const onError = (error: Error) => {
        clear();
        reject(error);
      };
      const onExit = (code: number) => onError(new Error(`the comparing thread ended with code ${code}`));
      thread.on("message", onMessage).on("error", onError).on("exit", onExit);
      thread.postMessage({ reference, current } satisfies CompareRequest, [reference.buffer as ArrayBuffer, current.buffer as ArrayBuffer]);
    });
  return {
    compare: (reference, current) => compare({ reference, current }),
    async close() {
      await thread.terminate();
    },
  };
}
