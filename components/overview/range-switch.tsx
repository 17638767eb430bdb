"use client";

import { usePathname } from "next/navigation";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { SegmentLinks } from "@/components/ui/tab-links";
import { RANGES } from "@/lib/domain/usage/api";
import type { Range } from "./traffic";

/** The window as links: the choice is in the address. */
export function RangeSwitch({ range, keep = {}, size }: { range: Range; keep?: Readonly<Record<string, string>>; size?: "sm" | "md" }) {
  const words = useWords();
  const pathname = usePathname();
  const { link } = useShell();
  return (
    <SegmentLinks
      label={words.overview.rangeLabel}
      size={size}
      items={RANGES.map((each) => ({
        label: words.overview.ranges[each],
        href: link(`${pathname}?${new URLSearchParams({ ...keep, range: each }).toString()}`),
        current: each === range,
      }))}
    />
  );
}
