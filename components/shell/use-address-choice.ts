"use client";

import { useSearchParams } from "next/navigation";

/** One of several choices that the address holds, such as the open dialog: `?act=rollback`. Null for none or an unknown one. */
export function useAddressChoice<Choice extends string>(
  name: string,
  choices: readonly Choice[],
): { choice: Choice | null; setChoice: (choice: Choice | null) => void } {
  const search = useSearchParams();
  const named = search.get(name);
  const setChoice = (choice: Choice | null) => {
    const next = new URLSearchParams(search.toString());
    if (choice === null) next.delete(name);
    else next.set(name, choice);
    const query = next.toString();
    // Only this part of the page changes: it need not be read again.
    window.history.replaceState(null, "", query === "" ? window.location.pathname : `?${query}`);
  };
  return { choice: choices.find((each) => each === named) ?? null, setChoice };
}
