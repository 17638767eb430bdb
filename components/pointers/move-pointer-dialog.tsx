"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { DialogForm, DialogFrame } from "@/components/access/form-dialog";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { useToast } from "@/components/ui/toast";
import { askForPointer, movePointer, type PointerOwner } from "./pointer-calls";

type Props = {
  scope: Scope;
  owner: PointerOwner;
  /** The pointer that moves; null to name one. */
  pointer: string | null;
  version: number;
  onClose: () => void;
};

/** Points a label or alias at a version, with a reason; for a protected name it asks for the approval instead. */
export function MovePointerDialog({ scope, owner, pointer, version, onClose }: Props) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.pointers;
  const [typed, setTyped] = useState(pointer ?? "");
  const isProtected = owner.protectedNames.includes(typed);
  const number = (value: number) => text.version({ number: value });
  return (
    <DialogFrame
      title={pointer === null ? text.dialogNew : text.dialogTitle({ name: pointer })}
      about={isProtected ? text.protectedEffect : text.effect}
      onClose={onClose}
    >
      <DialogForm
        submitLabel={isProtected ? text.ask : text.submit}
        busyLabel={isProtected ? text.asking : text.moving}
        onCancel={onClose}
        onSubmit={async (form) => {
          const wish = { pointer: typed.trim(), version: Number(form.get("version")), reason: String(form.get("reason") ?? "") };
          if (isProtected) {
            const answer = await askForPointer(scope.project, owner, wish);
            if (!answer.ok) return answer;
            toast({ title: text.asked({ number: answer.data.number }) });
            router.push(link(`/${scope.project}/approvals/${answer.data.number}`));
            return answer;
          }
          const answer = await movePointer(scope.project, owner, wish);
          if (!answer.ok) return answer;
          toast({ title: text.moved({ name: wish.pointer, version: number(wish.version) }) });
          onClose();
          router.refresh();
          return answer;
        }}
      >
        {pointer === null && (
          <TextField
            label={text.name}
            name="name"
            pointer={owner.kind === "prompt-label" ? ":label" : ":alias"}
            hint={text.nameHint}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        )}
        <SelectField
          label={text.versionField}
          name="version"
          defaultValue={String(version)}
          options={Array.from({ length: owner.latestVersion }, (_, index) => owner.latestVersion - index).map((value) => ({
            value: String(value),
            label: number(value),
          }))}
        />
        <TextAreaField label={text.reason} name="reason" rows={2} />
      </DialogForm>
    </DialogFrame>
  );
}
