import { request } from "undici";

/** One score as the REST API takes it. */
export type Score = { requestId: string; metric: string; value: number; evaluator: string };

/** Posts a batch; resolves when it was taken, rejects with `ScoreRefused` when it never will be, else with any error. */
export type PostScores = (scores: readonly Score[]) => Promise<void>;

/** The API will not take these scores however often they are sent. */
export class ScoreRefused extends Error {
  override name = "ScoreRefused";
}

/** Posts `{"scores": [...]}` to `<webUrl>/api/v1/scores` with the API token. */
export function createScorePoster({ webUrl, apiToken }: { webUrl: string; apiToken: string }): PostScores {
  return async (scores) => {
    const response = await request(`${webUrl}/api/v1/scores`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
      body: JSON.stringify({ scores }),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.body.text();
    const { statusCode } = response;
    if (statusCode >= 200 && statusCode < 300) return;
    const isRefused = statusCode >= 400 && statusCode < 500 && statusCode !== 408 && statusCode !== 429;
    throw isRefused ? new ScoreRefused(`${statusCode}: ${text.slice(0, 300)}`) : new Error(`scores: HTTP ${statusCode}`);
  };
}

const BATCH_SIZE = 100;
const CAPACITY = 5000;
const FLUSH_MS = 1000;
const MAX_PAUSE_MS = 30_000;

export type ScoreCounts = { posted: number; refused: number; dropped: number; waiting: number; lastError: string | null };
export type ScoreQueue = { add: (score: Score) => void; counts: () => ScoreCounts; close: (graceMs: number) => Promise<void> };

/**
 * Posts scores in batches every second. A batch that failed is sent again, later each time: scores are unique by
 * request, metric and evaluator. Beyond 5,000 waiting ones new scores are dropped and counted.
 */
export function createScoreQueue(post: PostScores): ScoreQueue {
  const waiting: Score[] = [];
  const counts = { posted: 0, refused: 0, dropped: 0, lastError: null as string | null };
  let pauseMs = FLUSH_MS;
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> = Promise.resolve();
  let batchSize = BATCH_SIZE;
  let isClosed = false;

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchSize);
      try {
        await post(batch);
        counts.posted += batch.length;
        pauseMs = FLUSH_MS;
        batchSize = BATCH_SIZE;
      } catch (error) {
        counts.lastError = error instanceof Error ? error.message : String(error);
        if (!(error instanceof ScoreRefused)) {
          pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2);
          return;
        }
        // One bad score refuses its whole batch: send singly from here until one is taken.
        batchSize = 1;
        if (batch.length > 1) continue;
        counts.refused += 1;
      }
      waiting.splice(0, batch.length);
    }
  };
  const schedule = (): void => {
    if (isClosed) return;
    timer = setTimeout(() => {
      flushing = flush().then(schedule);
    }, pauseMs);
  };
  schedule();

  return {
    add: (score) => {
      if (waiting.length < CAPACITY) waiting.push(score);
      else counts.dropped += 1;
    },
    counts: () => ({ ...counts, waiting: waiting.length }),
    close: async (graceMs) => {
      isClosed = true;
      if (timer) clearTimeout(timer);
      const deadline = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
      await Promise.race([flushing.then(flush), deadline]);
      counts.dropped += waiting.splice(0).length;
    },
  };
}
