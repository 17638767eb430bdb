"use client";

import { useWords } from "@/components/shell/words-provider";
import { type ConfirmAnswer, ConfirmDialog } from "@/components/ui/confirm-dialog";
import { useToast } from "@/components/ui/toast";

type Props = { name: string; effect: string; revoke: () => Promise<ConfirmAnswer>; onDone: () => void; onClose: () => void };

/** Asks before a token or key stops working for good. */
export function RevokeDialog({ name, effect, revoke, onDone, onClose }: Props) {
  const words = useWords();
  const toast = useToast();
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.access.revokeTitle({ name })}
      effect={effect}
      danger
      confirmLabel={words.access.revoke}
      busyLabel={words.access.revoking}
      onConfirm={async () => {
        const answer = await revoke();
        onDone();
        if (answer.ok) toast({ title: words.access.wasRevoked({ name }) });
        return answer;
      }}
    />
  );
}
