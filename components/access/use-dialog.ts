"use client";

import { useSearchParams } from "next/navigation";

/** Which dialog is open stands in the address (`?dialog=new`), so that a link shows the same to a colleague. */
export function useDialog(): { open: string | null; show: (name: string | null) => void } {
  const search = useSearchParams();
  const show = (name: string | null) => {
    const next = new URLSearchParams(search.toString());
    if (name === null) next.delete("dialog");
    else next.set("dialog", name);
    const query = next.toString();
    // Only the dialog changes: the page need not be read again.
    window.history.replaceState(null, "", query === "" ? window.location.pathname : `?${query}`);
  };
  return { open: search.get("dialog"), show };
}
