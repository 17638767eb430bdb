"use client";

import { createContext, type ReactNode, useCallback, useContext, useSyncExternalStore } from "react";

type Clock = { serverNowMs: number; timeZone: string };
const ClockContext = createContext<Clock>({ serverNowMs: 0, timeZone: "UTC" });

/** Server time and zone of the first paint, so that what the server wrote is what the browser hydrates. */
export function TimeProvider({ nowMs, timeZone, children }: { nowMs: number; timeZone: string; children: ReactNode }) {
  return <ClockContext value={{ serverNowMs: nowMs, timeZone }}>{children}</ClockContext>;
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

// One interval for every ticking text of the page; a hidden tab does not tick.
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    if (!document.hidden) for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** What `derive` makes of the current time; draws again only when that changes. It must return a string, number or boolean. */
export function useNow<T extends string | number | boolean>(derive: (nowMs: number) => T): T {
  const { serverNowMs } = useContext(ClockContext);
  return useSyncExternalStore(
    subscribe,
    () => derive(Date.now()),
    () => derive(serverNowMs),
  );
}

const never = () => () => {};

/** The viewer's zone; during server rendering the one that the `tz` cookie remembers, else UTC. */
export function useTimeZone(): string {
  const { timeZone } = useContext(ClockContext);
  const browserZone = useCallback(() => Intl.DateTimeFormat().resolvedOptions().timeZone || timeZone, [timeZone]);
  return useSyncExternalStore(never, browserZone, () => timeZone);
}
