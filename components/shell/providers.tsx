"use client";

import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";
import { ToastProvider } from "@/components/ui/toast";
import type { Locale } from "@/lib/core/words";
import { AnnounceProvider } from "./announce";
import { TimeProvider } from "./time-provider";
import { WordsProvider } from "./words-provider";

type Props = { locale: Locale; nowMs: number; timeZone: string; children: ReactNode };

/** Everything that the components need around them, once, in the root layout. */
export function Providers({ locale, nowMs, timeZone, children }: Props) {
  return (
    <WordsProvider locale={locale}>
      <TimeProvider nowMs={nowMs} timeZone={timeZone}>
        <Tooltip.Provider delayDuration={200}>
          <AnnounceProvider>
            <ToastProvider>{children}</ToastProvider>
          </AnnounceProvider>
        </Tooltip.Provider>
      </TimeProvider>
    </WordsProvider>
  );
}
