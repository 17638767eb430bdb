"use client";

import { useEffect, useRef, useState } from "react";
import { readKept } from "./kept-plan";
import type { PlanDraft } from "./plan-draft";

const PREFIX = "switchyard.plan/";

function inStorage<T>(act: (storage: Storage) => T): T | null {
  try {
    return act(sessionStorage);
  } catch {
    // Full or switched off: what cannot be kept is only not kept.
    return null;
  }
}

type Kept = {
  draft: PlanDraft;
  change: (draft: PlanDraft) => void;
  /** What is shown was typed before this page was left. */
  isBack: boolean;
  /** The form as it opens without anything typed. */
  beginAnew: () => void;
  forget: () => void;
};

/**
 * What is typed, kept in this tab's own storage until it is saved or given up: the browser's Back leaves no question to ask, and loses nothing
 * either. `name` says whose form of what it is, down to the version that it changes; `isOpen` false: something newer was typed elsewhere.
 */
export function useKeptPlan({ name, isOpen }: { name: string; isOpen: boolean }, initial: PlanDraft): Kept {
  const [draft, setDraft] = useState(initial);
  const [isBack, setIsBack] = useState(false);
  const first = useRef(initial);
  // After the first drawing, which must be the server's.
  useEffect(() => {
    if (!isOpen) return;
    const kept = readKept(
      inStorage((storage) => storage.getItem(PREFIX + name)),
      first.current,
    );
    if (kept === null) return;
    setDraft(kept);
    setIsBack(true);
  }, [name, isOpen]);
  const forget = () => void inStorage((storage) => storage.removeItem(PREFIX + name));
  return {
    draft,
    isBack,
    change: (next) => {
      setDraft(next);
      inStorage((storage) => storage.setItem(PREFIX + name, JSON.stringify(next)));
    },
    beginAnew: () => {
      forget();
      setDraft(initial);
      setIsBack(false);
    },
    forget,
  };
}
