"use client";

import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";

type Announce = (message: string, options?: { assertive?: boolean }) => void;
const AnnounceContext = createContext<Announce>(() => {});

const politeEveryMs = 15_000;

/** The page's one polite live region and its assertive twin. Of polite messages within 15 s only the last is spoken. */
export function AnnounceProvider({ children }: { children: ReactNode }) {
  const [polite, setPolite] = useState("");
  const [assertive, setAssertive] = useState("");
  const lastAt = useRef(Number.NEGATIVE_INFINITY);
  const pending = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(pending.current), []);

  const announce = useCallback<Announce>((message, options) => {
    if (options?.assertive) {
      setAssertive(message);
      return;
    }
    clearTimeout(pending.current);
    const waitMs = Math.max(0, lastAt.current + politeEveryMs - performance.now());
    pending.current = setTimeout(() => {
      lastAt.current = performance.now();
      setPolite(message);
    }, waitMs);
  }, []);
  const value = useMemo(() => announce, [announce]);

  return (
    <AnnounceContext value={value}>
      {children}
      <div aria-live="polite" className="sr-only" data-announce="polite">
        {polite}
      </div>
      <div aria-live="assertive" className="sr-only" data-announce="assertive">
        {assertive}
      </div>
    </AnnounceContext>
  );
}

/** Says a change of state to screen readers: `announce("Step 2 passed")`; rollbacks and breaches with `{ assertive: true }`. */
export function useAnnounce(): Announce {
  return useContext(AnnounceContext);
}
