"use client";

import { useCallback, useSyncExternalStore } from "react";
import { saveChoice, type Theme, themeCookie } from "./preferences";

export type ThemeChoice = Theme | "system";

// The attribute on <html> is the truth; before hydration it is set by the script in the head.
function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}

const readTheme = (): Theme => (document.documentElement.dataset.theme === "dark" ? "dark" : "light");
const readChoice = (): ThemeChoice => {
  const saved = new RegExp(`(?:^|; )${themeCookie}=(light|dark)`).exec(document.cookie)?.[1];
  return saved === "light" || saved === "dark" ? saved : "system";
};

/** The theme that is drawn, what was chosen, and how to choose. */
export function useTheme(): { theme: Theme | null; choice: ThemeChoice; choose: (choice: ThemeChoice) => void } {
  const theme = useSyncExternalStore<Theme | null>(subscribe, readTheme, () => null);
  const choice = useSyncExternalStore<ThemeChoice>(subscribe, readChoice, () => "system");
  const choose = useCallback((next: ThemeChoice) => {
    saveChoice(themeCookie, next === "system" ? null : next);
    document.documentElement.dataset.theme =
      next === "system" ? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light") : next;
  }, []);
  return { theme, choice, choose };
}
