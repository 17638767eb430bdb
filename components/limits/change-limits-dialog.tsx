"use client";

import { DialogForm, DialogFrame } from "@/components/access/form-dialog";
import { useWords } from "@/components/shell/words-provider";
import { useToast } from "@/components/ui/toast";
import type { LimitSettings } from "@/lib/contracts/rate-limits";
import { LimitFields, readLimits } from "./limit-fields";

type Props = {
  /** Whose limits. */
  name: string;
  about: string;
  limits: LimitSettings;
  save: (limits: LimitSettings) => Promise<{ ok: true } | { ok: false; problem: unknown }>;
  onDone: () => void;
  onClose: () => void;
};

/** Changes the limits of a key or an endpoint, with the version that was read: nobody's change is lost. */
export function ChangeLimitsDialog({ name, about, limits, save, onDone, onClose }: Props) {
  const words = useWords();
  const toast = useToast();
  const text = words.limits;
  return (
    <DialogFrame title={text.titleOf({ name })} about={about} onClose={onClose}>
      <DialogForm
        submitLabel={text.save}
        busyLabel={text.saving}
        onCancel={onClose}
        onSubmit={async (form) => {
          const answer = await save(readLimits(form));
          if (!answer.ok) return answer;
          toast({ title: text.saved({ name }) });
          onDone();
          onClose();
          return answer;
        }}
      >
        <LimitFields limits={limits} />
      </DialogForm>
    </DialogFrame>
  );
}
