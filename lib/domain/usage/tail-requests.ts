import { setTimeout as wait } from "node:timers/promises";
import type { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { stream } from "../stream";
import { tailRequests as tailSpec } from "./api";
import { openTail, readTail } from "./queries/tail";

type TailEvent = z.input<(typeof tailSpec)["returns"]>;

/** Nobody reads more than this many lines at once. */
const MOST_LINES = 25;
/** Between two looks while requests come, and at most while none does. */
const LOOK_MS = 1_000;
const IDLE_LOOK_MS = 4_000;
/** Tails of this process together: each holds a connection of a browser and looks at the log again and again. */
const MOST_TAILS = 50;
/** Of one project: nobody takes all places. */
const MOST_OF_PROJECT = 15;

/** How many each project has open. */
const open = new Map<string, number>();

interface Tailing {
  readonly projectId: string;
  readonly query: z.output<(typeof tailSpec)["query"]>;
  readonly signal: AbortSignal;
}

async function* look({ projectId, query: { seconds, since, ...filter }, signal }: Tailing): AsyncGenerator<TailEvent> {
  const untilMs = performance.now() + seconds * 1_000;
  const place = await openTail(projectId, filter, since === undefined ? null : Date.parse(since));
  let pauseMs = LOOK_MS;
  const until = () => new Date(place.sinceMs).toISOString();
  yield { event: "lines", items: [], skipped: 0, until: until() };
  while (!signal.aborted && performance.now() < untilMs) {
    const isOver = await wait(Math.max(0, Math.min(pauseMs, untilMs - performance.now())), false, { signal }).catch(() => true);
    if (isOver) return;
    const found = await readTail(projectId, { place, filter, most: MOST_LINES });
    pauseMs = found.items.length > 0 ? LOOK_MS : Math.min(IDLE_LOOK_MS, pauseMs * 2);
    // An empty one says that the tail is alive, to the page and to what stands between.
    yield { event: "lines", ...found, until: until() };
  }
}

/** Gives the place back when the time is over, or nobody listens any more. */
async function* holding(projectId: string, events: AsyncIterable<TailEvent>): AsyncGenerator<TailEvent> {
  open.set(projectId, (open.get(projectId) ?? 0) + 1);
  try {
    yield* events;
  } finally {
    const left = (open.get(projectId) ?? 1) - 1;
    if (left > 0) open.set(projectId, left);
    else open.delete(projectId);
  }
}

function assertPlace(projectId: string): void {
  const all = [...open.values()].reduce((sum, n) => sum + n, 0);
  const isOwn = (open.get(projectId) ?? 0) >= MOST_OF_PROJECT;
  if (!isOwn && all < MOST_TAILS) return;
  const who = isOwn ? `This project follows the log on ${MOST_OF_PROJECT} pages` : `This console follows the log for ${MOST_TAILS} pages`;
  throw new AppError("rate_limited", `${who} already; try again when one was closed.`, { retryAfterSeconds: 10 });
}

export const tailRequests = stream(tailSpec, async ({ projectId, query, signal }) => {
  assertPlace(projectId);
  return holding(projectId, look({ projectId, query, signal }));
});
