"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { useWords } from "@/components/shell/words-provider";
import { IconButton } from "./button";
import { cn } from "./cn";

/** True for two seconds after a copy. */
export function useCopy(value: string): { copied: boolean; copy: () => void } {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    void writeClipboard(value).then(setCopied);
  };
  return { copied, copy };
}

/** True where it was copied. The clipboard API is absent on plain http; there a selected text area still copies. */
export async function writeClipboard(value: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(value).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement("textarea");
  area.value = value;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

export function CopyButton({ value, what, className }: { value: string; what?: string; className?: string }) {
  const words = useWords();
  const { copied, copy } = useCopy(value);
  const label = copied ? words.actions.copied : what ? words.actions.copyOf({ what }) : words.actions.copy;
  return (
    <span className={cn("inline-flex items-center", className)}>
      <IconButton label={label} onClick={copy} className="size-[26px] max-md:size-9 pointer-coarse:size-9">
        {copied ? <Check className="text-good-ink" aria-hidden /> : <Copy className="size-3.5!" aria-hidden />}
      </IconButton>
      <span role="status" className={copied ? "pr-1.5 text-small text-good-ink" : "sr-only"}>
        {copied ? words.actions.copied : ""}
      </span>
    </span>
  );
}

/** One line of code with a copy button that answers "Copied" for two seconds. */
export function CopyField({ value, shown, what, className }: { value: string; shown?: string; what?: string; className?: string }) {
  return (
    <div
      className={cn(
        "flex min-h-8 min-w-0 items-center gap-2 rounded-control border border-line bg-sunken pr-1 pl-2.5 font-mono text-[12px]/[18px] text-ink-2",
        className,
      )}
    >
      <span className="min-w-0 flex-1 truncate" title={value}>
        {shown ?? value}
      </span>
      <CopyButton value={value} what={what} className="font-sans" />
    </div>
  );
}
