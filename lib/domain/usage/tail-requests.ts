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

let open = 0;

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
async function* holding(events: AsyncIterable<TailEvent>): AsyncGenerator<TailEvent> {
  open++;
  try {
    yield* events;
  } finally {
    open--;
  }
}

export const tailRequests = stream(tailSpec, async ({ projectId, query, signal }) => {
  if (open >= MOST_TAILS)
    throw new AppError("rate_limited", `This console follows the log for ${MOST_TAILS} pages already; try again when one was closed.`, {
      retryAfterSeconds: 10,
    });
  return holding(look({ projectId, query, signal }));
});
