"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { DialogForm, DialogFrame } from "@/components/access/form-dialog";
import type { Scope } from "@/components/overview/scope";
import { useWords } from "@/components/shell/words-provider";
import { SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { addEvaluationCase, createEvaluationSet } from "@/lib/domain/evaluations/api";
import { Message, type PromptVersion } from "@/lib/domain/prompts/api";
import { type PlaygroundDraft, toValues } from "./playground-draft";
import type { Run } from "./use-runs";

type Props = {
  scope: Scope;
  sets: readonly string[];
  /** The version that was asked as it is; null for a draft. */
  source: PromptVersion | null;
  variables: PromptVersion["variables"];
  draft: PlaygroundDraft;
  run: Run;
  onClose: () => void;
};

const toRole = (role: string) => Message.shape.role.options.find((each) => each === role) ?? "user";

/** Keeps what was asked, and the answer that counts as good, as a case of an evaluation set. */
export function SaveCaseDialog({ scope: { project }, sets, source, variables, draft, run, onClose }: Props) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const text = words.playground;
  const [set, setSet] = useState(sets[0] ?? "");
  const { done } = run;
  return (
    <DialogFrame title={text.saveCase} about={text.saveCaseAbout} onClose={onClose}>
      <DialogForm
        submitLabel={text.saveCase}
        busyLabel={text.saving}
        onCancel={onClose}
        onSubmit={async (form) => {
          const name = set === "" ? String(form.get("name") ?? "").trim() : set;
          if (set === "") {
            const made = await call(createEvaluationSet, { project, body: { name } });
            if (!made.ok) return made;
          }
          const tags = String(form.get("tags") ?? "").split(",");
          const answer = await call(addEvaluationCase, {
            project,
            params: { name },
            body: {
              messages: run.messages.map(({ role, content }) => ({ role: toRole(role), content })),
              variables: toValues(draft, variables),
              expected: String(form.get("expected") ?? "") || null,
              tags: tags.map((tag) => tag.trim()).filter((tag) => tag !== ""),
              note: String(form.get("note") ?? ""),
              prompt: source === null ? null : { name: source.prompt, version: source.number },
              model:
                done === null || done.model === null || done.modelVersion === null
                  ? null
                  : { name: done.model, version: done.modelVersion },
              requestId: done?.requestId ?? null,
            },
          });
          if (!answer.ok) return answer;
          toast({ title: text.savedCase({ set: name, number: answer.data.number }) });
          onClose();
          router.refresh();
          return answer;
        }}
      >
        <SelectField
          label={text.set}
          name="set"
          value={set}
          onChange={(event) => setSet(event.target.value)}
          options={[...sets.map((name) => ({ value: name, label: name })), { value: "", label: text.newSet }]}
        />
        {set === "" && <TextField label={text.newSetName} name="name" hint={text.newSetHint} autoComplete="off" spellCheck={false} />}
        <TextAreaField label={text.expected} name="expected" rows={5} optional defaultValue={run.text} />
        <TextField label={text.tags} name="tags" hint={text.tagsHint} optional autoComplete="off" />
        <TextAreaField label={text.note} name="note" rows={2} optional />
      </DialogForm>
    </DialogFrame>
  );
}
