import { parentPort } from "node:worker_threads";
import { compareDistributions } from "@/lib/core/stats";
import type { CompareAnswer, CompareRequest } from "./start-comparer";

/** A thread that compares columns, so that sorting millions of values holds up nobody's event loop. */
parentPort?.on("message", ({ reference, current }: CompareRequest) => {
  let answer: CompareAnswer;
  try {
    answer = { ok: true, comparison: compareDistributions(reference, current) };
  } catch (error) {
    answer = { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
