"use client";

import { useWords } from "@/components/shell/words-provider";
import { hasLimits, type LimitSettings } from "@/lib/contracts/rate-limits";
import { formatNumber } from "@/lib/core/words/format";

/** The limits that are set, a line each. */
export function LimitList({ limits }: { limits: LimitSettings }) {
  const words = useWords();
  const text = words.limits;
  if (!hasLimits(limits)) return <span className="text-ink-3">{text.none}</span>;
  const { requestsPerMinute, tokensPerMinute, concurrent } = limits;
  return (
    <ul className="flex flex-col tabular-nums">
      {requestsPerMinute !== null && <li>{text.requestsOf({ count: formatNumber(requestsPerMinute) })}</li>}
      {tokensPerMinute !== null && <li>{text.tokensOf({ count: formatNumber(tokensPerMinute) })}</li>}
      {concurrent !== null && <li>{text.concurrentOf({ count: formatNumber(concurrent) })}</li>}
    </ul>
  );
}
