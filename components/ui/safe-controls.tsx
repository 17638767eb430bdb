"use client";

import { type ReactNode, useId } from "react";
import { useWords } from "@/components/shell/words-provider";
import { Button, type ButtonProps } from "./button";
import { Card, CardBody, CardHead } from "./card";

export type Control = {
  id: string;
  label: string;
  icon?: ReactNode;
  variant?: ButtonProps["variant"];
  onClick?: () => void;
  /** A control that is not possible now stays visible; its sentence says when it opens. */
  disabled?: boolean;
  busy?: boolean;
  busyLabel?: string;
  /** What it does to live traffic, in one sentence. */
  sentence: ReactNode;
};

/** A button with its sentence below, which is also its description. */
export function ActionWithHint({ control, size = "lg" }: { control: Control; size?: ButtonProps["size"] }) {
  const id = useId();
  return (
    <div>
      <Button
        variant={control.variant}
        size={size}
        wide
        icon={control.icon}
        onClick={control.onClick}
        disabled={control.disabled}
        busy={control.busy}
        busyLabel={control.busyLabel}
        aria-describedby={id}
      >
        {control.label}
      </Button>
      <p id={id} className="mt-1.5 text-small text-ink-3">
        {control.sentence}
      </p>
    </div>
  );
}

/** Roll back first and never disabled while the rollout lives, then pause, then the next step. */
export function SafeControls({ controls, title }: { controls: readonly Control[]; title?: string }) {
  const words = useWords();
  return (
    <Card>
      <CardHead title={title ?? words.ui.whatYouCanDo} />
      <CardBody className="flex flex-col gap-3.5">
        {controls.map((control) => (
          <ActionWithHint key={control.id} control={control} />
        ))}
      </CardBody>
    </Card>
  );
}

/** On a phone the decisive buttons stay at the bottom; each opens a sheet, none acts at once. The last child of the page. */
export function StickyActions({ children }: { children: ReactNode }) {
  return (
    <div className="sticky bottom-0 z-20 -mx-(--page-pad) -mb-6 flex gap-2.5 border-t border-line-strong bg-surface px-4 pt-3 pb-[calc(16px+env(safe-area-inset-bottom))] shadow-[0_-8px_24px_-12px_rgb(0_0_0/.25)] md:hidden print:hidden [&>*]:h-12 [&>*]:flex-1 [&>*]:text-[15px]">
      {children}
    </div>
  );
}
