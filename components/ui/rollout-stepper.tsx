"use client";

import { Check, Minus, X } from "lucide-react";
import type { ReactNode } from "react";
import { useWords } from "@/components/shell/words-provider";
import { cn } from "./cn";

export type RolloutStep = {
  id: string;
  /** `Approval`, `25 %` */
  title: ReactNode;
  state: "done" | "now" | "next" | "failed" | "skipped";
  /** Written in the ring; its place in the row if not given. */
  number?: number;
  /** When and why. */
  lines?: readonly ReactNode[];
  /** Of the step that is under way, 0..1. */
  progress?: number;
};

const node = {
  done: "border-good-solid bg-good-solid text-surface",
  now: "border-active-solid bg-surface text-active-ink shadow-[0_0_0_4px_var(--active-bg)]",
  next: "border-line-strong bg-surface text-ink-3",
  failed: "border-bad-solid bg-bad-solid text-surface",
  skipped: "border-line-strong bg-surface text-ink-3",
} as const;

/** Steps in a row, each with when and why; upright on a phone. */
export function RolloutStepper({ steps }: { steps: readonly RolloutStep[] }) {
  const words = useWords();
  const spoken = {
    done: words.ui.stepDone,
    now: words.ui.stepNow,
    next: words.ui.stepNext,
    failed: words.states.failed,
    skipped: words.ui.stepSkipped,
  };
  return (
    <ol aria-label={words.ui.steps} className="md:grid md:auto-cols-fr md:grid-flow-col">
      {steps.map((step, index) => (
        <li
          key={step.id}
          aria-current={step.state === "now" ? "step" : undefined}
          className="relative min-w-0 max-md:min-h-11 max-md:pb-4 max-md:pl-9 max-md:last:pb-0 md:pt-[30px] md:pr-3"
        >
          {index < steps.length - 1 && <Connector state={step.state} progress={step.progress ?? 0} />}
          <span
            className={cn(
              "absolute top-0 left-0 grid size-[22px] place-items-center rounded-full border-2 text-micro font-semibold",
              node[step.state],
            )}
          >
            {step.state === "done" && <Check className="size-3 stroke-3" aria-hidden />}
            {step.state === "failed" && <X className="size-3 stroke-3" aria-hidden />}
            {step.state === "skipped" && <Minus className="size-3 stroke-3" aria-hidden />}
            {(step.state === "now" || step.state === "next") && <span aria-hidden>{step.number ?? index + 1}</span>}
            <span className="sr-only">{spoken[step.state]}: </span>
          </span>
          <b className="block leading-[18px]">{step.title}</b>
          {step.lines?.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a step are a fixed list
            <small key={at} className="block text-small text-ink-3">
              {line}
            </small>
          ))}
        </li>
      ))}
    </ol>
  );
}

function Connector({ state, progress }: { state: RolloutStep["state"]; progress: number }) {
  const share = state === "done" ? 100 : state === "now" ? Math.round(Math.min(1, Math.max(0, progress)) * 100) : 0;
  const colour = state === "done" ? "var(--good-solid)" : "var(--active-solid)";
  return (
    <span
      aria-hidden
      data-bar
      style={{ "--share": `${share}%`, "--to": colour } as React.CSSProperties}
      className="absolute max-md:top-6 max-md:bottom-0.5 max-md:left-2.5 max-md:w-0.5 max-md:bg-[linear-gradient(180deg,var(--to)_var(--share),var(--line-strong)_var(--share))] md:top-2.5 md:right-0 md:left-[22px] md:h-0.5 md:bg-[linear-gradient(90deg,var(--to)_var(--share),var(--line-strong)_var(--share))]"
    />
  );
}
