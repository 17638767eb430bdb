"use client";

import { useEffect } from "react";
import { useWords } from "@/components/shell/words-provider";

/** Asks before a page with changes that are not saved is left: by a link, by closing the tab, by another address. */
export function useLeaveGuard(isChanged: boolean): void {
  const words = useWords();
  const question = words.ui.leaveUnsaved;
  useEffect(() => {
    if (!isChanged) return;
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
      const opensElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0 || link?.target === "_blank";
      if (link === null || opensElsewhere || link.hasAttribute("download") || isHere(link)) return;
      if (window.confirm(question)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener("beforeunload", onUnload);
    // Before the router's own listener, which would be on its way already.
    document.addEventListener("click", onClick, { capture: true });
    return () => {
      window.removeEventListener("beforeunload", onUnload);
      document.removeEventListener("click", onClick, { capture: true });
    };
  }, [isChanged, question]);
}

/** A jump within this very page. */
function isHere(link: HTMLAnchorElement): boolean {
  const { pathname, search, origin } = window.location;
  return link.hash !== "" && link.origin === origin && link.pathname === pathname && link.search === search;
}
