"use client";

import { useRouter } from "next/navigation";
import { DialogForm, DialogFrame } from "@/components/access/form-dialog";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextAreaField } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { createPromptVersion, type PromptVersion } from "@/lib/domain/prompts/api";
import { type PlaygroundDraft, toContent } from "./playground-draft";

type Props = { scope: Scope; source: PromptVersion | null; draft: PlaygroundDraft; onClose: () => void };

/** Registers the draft as a version of the prompt that it began with. */
export function SaveVersionDialog({ scope, source, draft, onClose }: Props) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.playground;
  if (source === null)
    return (
      <DialogFrame title={text.saveVersion} onClose={onClose}>
        <Note>{text.saveVersionNone}</Note>
      </DialogFrame>
    );
  return (
    <DialogFrame title={text.saveVersion} about={text.saveVersionAbout({ prompt: source.prompt })} onClose={onClose}>
      <DialogForm
        submitLabel={text.saveVersion}
        busyLabel={text.saving}
        onCancel={onClose}
        onSubmit={async (form) => {
          const { messages, ...rest } = toContent(draft, source);
          const [only, ...others] = messages;
          const note = String(form.get("note") ?? "");
          // A text prompt is shown as the one message that it is; with others beside it, it becomes a chat.
          const isText = source.kind === "text" && only !== undefined && others.length === 0;
          const body = isText ? { ...rest, kind: "text" as const, text: only.content, note } : { ...rest, messages, note };
          const answer = await call(createPromptVersion, { project: scope.project, params: { name: source.prompt }, body });
          if (!answer.ok) return answer;
          const version = words.prompts.version({ number: answer.data.number });
          // A version that was there already has its own note and time; one that was made now has this note.
          const isSame = Date.now() - Date.parse(answer.data.createdAt) > 60_000 || answer.data.number <= source.number;
          toast(
            isSame
              ? { tone: "idle", title: text.sameVersion({ version }) }
              : { title: text.savedVersion({ prompt: source.prompt, version }) },
          );
          onClose();
          router.push(link(`/${scope.project}/playground?prompt=${encodeURIComponent(source.prompt)}&version=${answer.data.number}`));
          return answer;
        }}
      >
        <TextAreaField label={text.note} name="note" rows={2} optional />
      </DialogForm>
    </DialogFrame>
  );
}
