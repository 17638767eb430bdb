"use client";

import { AtSign, Cpu, FlaskConical, Lock, Tag } from "lucide-react";
import { useWords } from "@/components/shell/words-provider";
import { cn } from "./cn";

type Kind = "alias" | "label" | "protected" | "simulated" | "internal";
const icons = { alias: AtSign, label: Tag, protected: Lock, simulated: Cpu, internal: FlaskConical } as const;

/** A movable name on a version, or the mark of a simulated server or of what the console asked itself. A lock says that moving it needs an approval. */
export function NameTag({ kind, children, className }: { kind: Kind; children?: string; className?: string }) {
  const words = useWords();
  const Icon = icons[kind];
  return (
    <span
      title={kind === "simulated" ? words.ui.simulatedTip : undefined}
      className={cn(
        "inline-flex h-5 items-center gap-1 whitespace-nowrap rounded-mark border border-line bg-surface px-1.5 text-small text-ink-2",
        className,
      )}
    >
      <Icon className="size-3 shrink-0 stroke-2 text-ink-3" aria-hidden />
      {kind === "protected" && <span className="sr-only">{words.ui.protected}: </span>}
      {kind === "simulated" ? (children ?? words.ui.simulated) : children}
    </span>
  );
}
