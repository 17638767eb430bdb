"use client";

import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useWords } from "@/components/shell/words-provider";
import type { Words } from "@/lib/core/words";

/** A short sentence at something that can have the focus. */
export function Tooltip({ text, side = "top", children }: { text: ReactNode; side?: "top" | "right" | "bottom"; children: ReactNode }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="overlay-in z-50 max-w-[300px] rounded-control border border-line bg-raised px-2.5 py-1.5 text-small text-ink shadow-pop"
        >
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A term of the trade with its one-sentence explanation; tap or focus shows it too. */
export function Term({ name, children }: { name: keyof Words["terms"]; children: ReactNode }) {
  const words = useWords();
  return (
    <Tooltip text={words.terms[name]}>
      <button type="button" className="cursor-help rounded-[2px] underline decoration-control-line decoration-dotted underline-offset-3">
        {children}
      </button>
    </Tooltip>
  );
}
