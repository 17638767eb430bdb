"use client";

import type { Crumb } from "@/components/shell/environment";
import { PageChrome } from "@/components/shell/shell-context";
import { StaleBar } from "@/components/ui/freshness";

type Look = { readonly dataUpdatedAt: number; readonly isError: boolean };

const staleAfterMs = 40_000;

/** The page's freshness is that of its oldest live part; a bar says so when one stopped. */
export function LiveBar({ looks, crumbs }: { looks: readonly Look[]; crumbs?: readonly Crumb[] }) {
  const at = Math.min(...looks.map((look) => look.dataUpdatedAt));
  return (
    <>
      <PageChrome crumbs={crumbs} freshness={{ kind: "live", at, staleAfterMs }} />
      {looks.some((look) => look.isError) && <StaleBar at={at} />}
    </>
  );
}
