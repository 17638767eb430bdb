"use client";

import { useCallback, useEffect, useState } from "react";
import type { PlaygroundDraft } from "./playground-draft";

const PREFIX = "switchyard.playground/";

/** A draft that survives a reload of this tab: in its session storage, nowhere else. What cannot be kept is only not kept. */
export function useKeptDraft(name: string, initial: PlaygroundDraft): [PlaygroundDraft, (draft: PlaygroundDraft) => void] {
  const [draft, setDraft] = useState(initial);
  // After the first drawing, which must be the server's.
  useEffect(() => {
    try {
      const kept = sessionStorage.getItem(PREFIX + name);
      if (kept !== null) setDraft((now) => ({ ...now, ...(JSON.parse(kept) as PlaygroundDraft) }));
    } catch {
      // Storage that is switched off, or somebody else's text in it: the page begins anew.
    }
  }, [name]);
  const change = useCallback(
    (next: PlaygroundDraft) => {
      setDraft(next);
      try {
        sessionStorage.setItem(PREFIX + name, JSON.stringify(next));
      } catch {
        // Full or switched off.
      }
    },
    [name],
  );
  return [draft, change];
}
