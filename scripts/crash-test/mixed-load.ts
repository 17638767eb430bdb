import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { createPrng } from "@/lib/core/prng";

export interface MixedLoadOptions {
  readonly url: string;
  readonly key: string;
  readonly endpoint: string;
  readonly perSecond: number;
  readonly streamedRatio: number;
  /** Share of the requests that the client leaves before their end. */
  readonly abortedRatio: number;
  readonly seed: number;
}

export interface MixedCounts {
  sent: number;
  complete: number;
  aborted: number;
  /** Answers with an error, and streams that end with one. */
  failed: number;
  /** Arrivals let go because too many requests were under way. */
  skipped: number;
}

export interface MixedLoad {
  readonly counts: MixedCounts;
  readonly inFlight: () => number;
  stop(): Promise<void>;
}

const MOST_IN_FLIGHT = 512;
const LEAVES_WITHIN_MS = 600;

/** Whole and streamed requests at a steady rate, some of which the client leaves. */
export function startMixedLoad(options: MixedLoadOptions): MixedLoad {
  const agent = new Agent({ connections: MOST_IN_FLIGHT, pipelining: 1 });
  const counts: MixedCounts = { sent: 0, complete: 0, aborted: 0, failed: 0, skipped: 0 };
  const random = createPrng(options.seed);
  const underWay = new Set<Promise<void>>();
  let stopped = false;

  const send = async (streamed: boolean, leavesAfterMs: number | null): Promise<void> => {
    const controller = new AbortController();
    const timer = leavesAfterMs === null ? null : setTimeout(() => controller.abort(), leavesAfterMs);
    try {
      const { statusCode, body } = await request(`${options.url}/v1/chat/completions`, {
        method: "POST",
        dispatcher: agent,
        signal: controller.signal,
        headers: { authorization: `Bearer ${options.key}`, "content-type": "application/json" },
        body: JSON.stringify({ model: options.endpoint, stream: streamed, messages: [{ role: "user", content: "Where is my order?" }] }),
      });
      const text = await body.text();
      const isWhole = streamed ? text.trimEnd().endsWith("data: [DONE]") : text.endsWith("}");
      if (statusCode === 200 && isWhole && !text.includes('"error"')) counts.complete++;
      else counts.failed++;
    } catch {
      if (controller.signal.aborted) counts.aborted++;
      else counts.failed++;
    } finally {
      if (timer !== null) clearTimeout(timer);
    }
  };

  const arrive = () => {
    const streamed = random.next() < options.streamedRatio;
    const leavesAfterMs = random.next() < options.abortedRatio ? random.next() * LEAVES_WITHIN_MS : null;
    if (underWay.size >= MOST_IN_FLIGHT) {
      counts.skipped++;
      return;
    }
    counts.sent++;
    const running = send(streamed, leavesAfterMs).finally(() => underWay.delete(running));
    underWay.add(running);
  };

  const run = async (): Promise<void> => {
    for (let dueAt = performance.now(); !stopped; dueAt += 1_000 / options.perSecond) {
      await sleep(Math.max(0, dueAt - performance.now()));
      arrive();
    }
  };
  const running = run();
  return {
    counts,
    inFlight: () => underWay.size,
    async stop() {
      stopped = true;
      await running;
      await Promise.all(underWay);
      await agent.close();
    },
  };
}
