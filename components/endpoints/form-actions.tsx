"use client";

import { type ReactNode, useId } from "react";
import { useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink } from "@/components/ui/button";
import type { Role } from "@/lib/core/policy/actions";

type Props = {
  submit: string;
  busy: boolean;
  busyLabel?: string;
  icon?: ReactNode;
  cancelHref: string;
  onCancel?: () => void;
  /** The role that is missing; null when the person may. */
  role: Role | null;
  /** Why it cannot be sent yet. */
  blocked?: string | null;
};

/** Submit and cancel; a button that may not be pressed says why beside it. */
export function FormActions({ submit, busy, busyLabel, icon, cancelHref, onCancel, role, blocked = null }: Props) {
  const words = useWords();
  const id = useId();
  const why = role === null ? blocked : words.rollouts.controls.needsRole({ role: words.nouns.roles[role] });
  return (
    <div className="flex flex-wrap items-center gap-2.5">
      <Button
        type="submit"
        variant="primary"
        icon={icon}
        busy={busy}
        busyLabel={busyLabel ?? words.actions.creating}
        disabled={why !== null}
        aria-describedby={why === null ? undefined : id}
      >
        {submit}
      </Button>
      <ButtonLink variant="ghost" href={cancelHref} onClick={onCancel}>
        {words.actions.cancel}
      </ButtonLink>
      {why !== null && (
        <span id={id} className="text-small text-ink-3">
          {why}
        </span>
      )}
    </div>
  );
}
