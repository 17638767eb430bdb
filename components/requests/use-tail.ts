import { startTransition, useEffect, useState } from "react";
import { callStream } from "@/lib/client/call-stream";
import { type RequestLine, tailRequests } from "@/lib/domain/usage/api";
import type { RequestFilters } from "./request-filters";

/** A stream is renewed after this long, so that whoever lost the right to read does not read on. */
const STREAM_SECONDS = 120;
const MOST_KEPT = 200;
const AGAIN_MS = 2_000;
const MOST_AGAIN_MS = 30_000;

export interface Tail {
  /** Newest first. */
  readonly lines: readonly RequestLine[];
  readonly received: number;
  readonly skipped: number;
  readonly state: "following" | "broken" | "refused";
  /** Unix ms of the last sign of life. */
  readonly at: number;
}

const fresh = (): Tail => ({ lines: [], received: 0, skipped: 0, state: "following", at: Date.now() });

export type TailPlace = { project: string; environment: string; filters: RequestFilters };

/** Follows the log while `isOn` and the page is in sight. A connection that broke is made again, ever more slowly; a refusal ends it. */
export function useTail(isOn: boolean, { project, environment, filters }: TailPlace): Tail {
  const [tail, setTail] = useState<Tail>(fresh);
  // Filters are an address's: equal text is the same wish.
  const wanted = JSON.stringify({ ...filters, environment, id: undefined, from: undefined, to: undefined, cursor: undefined });
  useEffect(() => {
    if (!isOn) return;
    setTail(fresh());
    let stopped = new AbortController();
    let since: string | undefined;
    const follow = async ({ signal }: AbortController) => {
      for (let failures = 0; !signal.aborted; ) {
        const query = { ...(JSON.parse(wanted) as Record<string, string>), since, seconds: STREAM_SECONDS };
        const end = await callStream(tailRequests, { project, query, signal }, ({ items, skipped, until }) => {
          failures = 0;
          since = until;
          // A table a second must not hold up what its reader does, such as to stop following.
          startTransition(() =>
            setTail((now) => ({
              lines: [...[...items].reverse(), ...now.lines].slice(0, MOST_KEPT),
              received: now.received + items.length,
              skipped: now.skipped + skipped,
              state: "following",
              at: Date.now(),
            })),
          );
        });
        if (signal.aborted || end.ok) continue;
        const isRefused = end.problem !== null && end.problem.status < 500 && end.problem.status !== 429;
        setTail((now) => ({ ...now, state: isRefused ? "refused" : "broken" }));
        if (isRefused) return;
        await new Promise((resolve) => setTimeout(resolve, Math.min(MOST_AGAIN_MS, AGAIN_MS * 2 ** failures++)));
      }
    };
    const change = () => {
      stopped.abort();
      if (document.hidden) return;
      stopped = new AbortController();
      void follow(stopped);
    };
    change();
    document.addEventListener("visibilitychange", change);
    return () => {
      document.removeEventListener("visibilitychange", change);
      stopped.abort();
    };
  }, [isOn, project, wanted]);
  return tail;
}
