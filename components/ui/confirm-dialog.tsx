"use client";

import { AlertDialog } from "radix-ui";
import { type ReactNode, useId, useRef, useState } from "react";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Button } from "./button";
import { FormProblemNote, inputLook } from "./field";
import { type FormProblem, isProblemBody, toFormProblem } from "./problem";
import { describeSplit, SplitBar, type SplitPart } from "./split-bar";

export type ConfirmAnswer = { ok: true } | { ok: false; problem: unknown };

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The question with the object's name: `Roll back support-chat to r41?` */
  title: string;
  /** What happens to live traffic and when. */
  effect: ReactNode;
  before?: readonly SplitPart[];
  after?: readonly SplitPart[];
  /** Behind the split after: how many requests move. */
  afterNote?: string;
  /** Asked for where given; at least `min` characters if it is needed. */
  reason?: { min: number; placeholder?: string };
  /** The verb with its object, never "OK". */
  confirmLabel: string;
  busyLabel?: string;
  icon?: ReactNode;
  danger?: boolean;
  /** What else is chosen, above the reason. */
  children?: ReactNode;
  /** Acts, and says whether it worked. A refusal stays in the dialog and keeps what was typed. */
  onConfirm: (reason: string) => Promise<ConfirmAnswer>;
};

/** Says what will happen before it does. There is no form inside, so Enter never confirms. A sheet on a phone. */
export function ConfirmDialog(props: Props) {
  const { open, onOpenChange } = props;
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay-in fixed inset-0 z-40 bg-scrim" />
        <ConfirmBody {...props} />
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function ConfirmBody(props: Props) {
  const {
    onOpenChange,
    title,
    effect,
    before,
    after,
    afterNote,
    reason,
    confirmLabel,
    busyLabel,
    icon,
    danger = false,
    children,
    onConfirm,
  } = props;
  const words = useWords();
  const locale = useLocale();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<FormProblem | null>(null);
  const isShort = reason !== undefined && text.trim().length < reason.min;

  const confirm = async () => {
    setBusy(true);
    setProblem(null);
    const answer = await onConfirm(text.trim()).catch((): ConfirmAnswer => ({ ok: false, problem: null }));
    setBusy(false);
    if (answer.ok) onOpenChange(false);
    else
      setProblem(
        toFormProblem(isProblemBody(answer.problem) ? answer.problem : { title: words.errors.network, code: "NETWORK" }, {
          pointers: [],
          words,
          locale,
        }),
      );
  };

  return (
    <AlertDialog.Content
      onOpenAutoFocus={(event) => {
        if (!field.current) return;
        event.preventDefault();
        field.current.focus();
      }}
      className="dialog-in fixed top-1/2 left-1/2 z-50 max-h-[calc(100dvh-32px)] w-[min(480px,calc(100vw-32px))] -translate-1/2 overflow-y-auto rounded-dialog border border-line bg-raised p-5 shadow-dialog max-md:inset-x-0 max-md:top-auto max-md:bottom-0 max-md:w-full max-md:translate-0 max-md:rounded-b-none max-md:pb-[calc(20px+env(safe-area-inset-bottom))]"
    >
      <AlertDialog.Title className="text-h2 font-semibold tracking-[-0.012em]">{title}</AlertDialog.Title>
      <AlertDialog.Description asChild>
        <div className="mt-1.5 mb-3 text-body text-ink-2">{effect}</div>
      </AlertDialog.Description>
      {before && (
        <div className="mb-2">
          <SplitBar parts={before} label={words.ui.splitNow({ split: describeSplit(before) })} />
          <p className="mt-[5px] text-small text-ink-3">{words.ui.splitNow({ split: describeSplit(before) })}</p>
        </div>
      )}
      {after && (
        <div className="mb-3.5">
          <SplitBar parts={after} label={words.ui.splitAfter({ split: describeSplit(after) })} />
          <p className="mt-[5px] text-small text-ink-3">
            {words.ui.splitAfter({ split: describeSplit(after) })}. {afterNote}
          </p>
        </div>
      )}
      {children}
      {reason && (
        <div className="flex flex-col gap-[5px]">
          <label htmlFor={id} className="text-small font-medium">
            {words.ui.reason}
          </label>
          <textarea
            ref={field}
            id={id}
            rows={2}
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder={reason.placeholder}
            aria-describedby={`${id}-hint`}
            className={`${inputLook} block h-auto resize-y py-2 leading-5`}
          />
          <span id={`${id}-hint`} className="text-small text-ink-3">
            {reason.min > 0 ? words.ui.reasonNeeded({ min: reason.min }) : words.ui.optional}
          </span>
        </div>
      )}
      {problem && (
        <div className="mt-3">
          <FormProblemNote problem={problem} />
        </div>
      )}
      <div className="mt-4 flex justify-end gap-2 max-md:[&>*]:h-12 max-md:[&>*]:flex-1">
        <AlertDialog.Cancel asChild>
          <Button variant="ghost" disabled={busy}>
            {words.actions.cancel}
          </Button>
        </AlertDialog.Cancel>
        <Button
          variant={danger ? "danger" : "primary"}
          icon={icon}
          busy={busy}
          busyLabel={busyLabel}
          disabled={isShort}
          aria-describedby={isShort ? `${id}-hint` : undefined}
          onClick={confirm}
        >
          {confirmLabel}
        </Button>
      </div>
    </AlertDialog.Content>
  );
}
