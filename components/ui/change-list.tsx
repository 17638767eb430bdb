"use client";

import { ArrowRight, Equal } from "lucide-react";
import type { ReactNode } from "react";
import { useWords } from "@/components/shell/words-provider";

export type Change = {
  id: string;
  label: ReactNode;
  was: ReactNode;
  wasNote?: ReactNode;
  /** Null says that it stays as it is. */
  willBe: ReactNode | null;
  willBeNote?: ReactNode;
};

/** What was, an arrow, what will be; what stays and matters is listed too, in grey. */
export function ChangeList({ changes }: { changes: readonly Change[] }) {
  const words = useWords();
  return (
    <dl>
      {changes.map((change) => (
        <div
          key={change.id}
          className="grid grid-cols-[132px_minmax(0,1fr)_20px_minmax(0,1fr)] items-baseline gap-x-3 gap-y-1 border-t border-line px-4 py-[9px] max-md:grid-cols-[minmax(0,1fr)_16px_minmax(0,1fr)] max-md:gap-x-2.5 max-md:px-3.5"
        >
          <dt className="text-ink-3 max-md:col-span-full max-md:text-small">{change.label}</dt>
          <dd className={change.willBe === null ? "min-w-0 text-ink-3" : "min-w-0"}>
            <span className="sr-only">{words.ui.was} </span>
            {change.was}
            {change.wasNote !== undefined && <small className="block text-small text-ink-3">{change.wasNote}</small>}
          </dd>
          <span aria-hidden className="self-start pt-0.5 text-ink-3 [&_svg]:size-4 [&_svg]:stroke-[1.75]">
            {change.willBe === null ? <Equal /> : <ArrowRight />}
          </span>
          <dd className="min-w-0">
            <span className="sr-only">{words.ui.willBe} </span>
            {change.willBe === null ? <span className="text-ink-3">{words.ui.unchanged}</span> : <b>{change.willBe}</b>}
            {change.willBeNote !== undefined && <small className="block text-small text-ink-3">{change.willBeNote}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
