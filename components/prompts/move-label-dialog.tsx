"use client";

import { useRouter } from "next/navigation";
import { Dialog } from "radix-ui";
import type { Scope } from "@/components/overview/scope";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { FormProblemNote, FormProblemProvider, SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { useToast } from "@/components/ui/toast";
import { useProblemForm } from "@/components/ui/use-problem-form";
import { call } from "@/lib/client/call";
import { getPromptLabel, movePromptLabel, type Prompt } from "@/lib/domain/prompts/api";

type Props = {
  scope: Scope;
  prompt: Prompt;
  /** The label that moves; null to name one. */
  label: string | null;
  version: number;
  onClose: () => void;
};

/** Points a label at a version, with a reason. The move is refused if somebody else moved it since this dialog opened. */
export function MoveLabelDialog({ scope, prompt, label, version, onClose }: Props) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const text = words.prompts.labels;
  const name = (number: number) => words.prompts.version({ number });
  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const chosen = label ?? String(form.get("label") ?? "").trim();
    const params = { name: prompt.name, label: chosen };
    const isThere = prompt.labels.some((each) => each.label === chosen);
    const current = isThere ? await call(getPromptLabel, { project: scope.project, params }) : null;
    if (current !== null && !current.ok) return current;
    const to = Number(form.get("version"));
    const answer = await call(movePromptLabel, {
      project: scope.project,
      params,
      body: { version: to, reason: String(form.get("reason") ?? "") },
      ifMatch: current?.etag ?? undefined,
    });
    if (!answer.ok) return answer;
    toast({ title: text.moved({ label: chosen, version: name(to) }) });
    onClose();
    router.refresh();
    return { ok: true };
  });
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay-in fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content className="dialog-in fixed top-1/2 left-1/2 z-50 max-h-[calc(100dvh-32px)] w-[min(480px,calc(100vw-32px))] -translate-1/2 overflow-y-auto rounded-dialog border border-line bg-raised p-5 shadow-dialog max-md:inset-x-0 max-md:top-auto max-md:bottom-0 max-md:w-full max-md:translate-0 max-md:rounded-b-none max-md:pb-[calc(20px+env(safe-area-inset-bottom))]">
          <Dialog.Title className="text-h2 font-semibold tracking-[-0.012em]">
            {label === null ? text.dialogNewTitle({ version: name(version) }) : text.dialogTitle({ label, version: name(version) })}
          </Dialog.Title>
          <Dialog.Description className="mt-1.5 mb-3 text-body text-ink-2">{text.effect}</Dialog.Description>
          <form {...formProps} className="flex flex-col gap-3.5">
            <FormProblemNote problem={problem} />
            <FormProblemProvider problem={problem}>
              {label === null && (
                <TextField label={text.label} name="label" pointer=":label" hint={text.labelHint} autoComplete="off" spellCheck={false} />
              )}
              <SelectField
                label={text.version}
                name="version"
                defaultValue={String(version)}
                options={Array.from({ length: prompt.latestVersion ?? 0 }, (_, index) => (prompt.latestVersion ?? 0) - index).map(
                  (number) => ({ value: String(number), label: name(number) }),
                )}
              />
              <TextAreaField label={text.reason} name="reason" rows={2} />
            </FormProblemProvider>
            <div className="flex justify-end gap-2 max-md:[&>*]:h-12 max-md:[&>*]:flex-1">
              <Dialog.Close asChild>
                <Button variant="ghost" disabled={busy}>
                  {words.actions.cancel}
                </Button>
              </Dialog.Close>
              <Button type="submit" variant="primary" busy={busy} busyLabel={text.moving}>
                {text.submit}
              </Button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
