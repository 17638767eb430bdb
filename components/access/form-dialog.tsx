"use client";

import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { useWords } from "@/components/shell/words-provider";
import { Button, IconButton } from "@/components/ui/button";
import { FormProblemNote, FormProblemProvider } from "@/components/ui/field";
import { useProblemForm } from "@/components/ui/use-problem-form";

type FrameProps = { title: string; about?: ReactNode; onClose: () => void; children: ReactNode };

/** A dialog in the middle, a sheet from below on a phone. */
export function DialogFrame({ title, about, onClose, children }: FrameProps) {
  const words = useWords();
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay-in fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          {...(about === undefined ? { "aria-describedby": undefined } : {})}
          // What was typed or shown once would be lost by a slip beside the dialog.
          onPointerDownOutside={(event) => event.preventDefault()}
          className="dialog-in fixed top-1/2 left-1/2 z-50 max-h-[calc(100dvh-32px)] w-[min(520px,calc(100vw-32px))] -translate-1/2 overflow-y-auto rounded-dialog border border-line bg-raised p-5 shadow-dialog max-md:inset-x-0 max-md:top-auto max-md:bottom-0 max-md:w-full max-md:translate-0 max-md:rounded-b-none max-md:pb-[calc(20px+env(safe-area-inset-bottom))]"
        >
          <Dialog.Title className="pr-10 text-h2 font-semibold tracking-[-0.012em]">{title}</Dialog.Title>
          {about !== undefined && <Dialog.Description className="mt-1 text-body text-ink-2">{about}</Dialog.Description>}
          <div className="mt-4">{children}</div>
          <Dialog.Close asChild>
            <IconButton label={words.actions.close} className="absolute top-3.5 right-3.5 max-md:top-2 max-md:right-2">
              <X aria-hidden />
            </IconButton>
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

type FormProps = {
  submitLabel: string;
  busyLabel: string;
  onSubmit: (form: FormData) => Promise<{ ok: true } | { ok: false; problem: unknown }>;
  onCancel: () => void;
  children: ReactNode;
};

/** Fields with their two buttons; a refusal lands on the fields and what was typed is kept. */
export function DialogForm({ submitLabel, busyLabel, onSubmit, onCancel, children }: FormProps) {
  const words = useWords();
  const { problem, busy, formProps } = useProblemForm(onSubmit);
  return (
    <FormProblemProvider problem={problem}>
      <form {...formProps} className="grid gap-4">
        <FormProblemNote problem={problem} />
        {children}
        <div className="mt-1 flex justify-end gap-2 max-md:[&>*]:h-12 max-md:[&>*]:flex-1">
          <Button variant="ghost" onClick={onCancel}>
            {words.actions.cancel}
          </Button>
          <Button type="submit" variant="primary" busy={busy} busyLabel={busyLabel}>
            {submitLabel}
          </Button>
        </div>
      </form>
    </FormProblemProvider>
  );
}
