"use client";

import { Undo2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { useToast } from "@/components/ui/toast";
import type { PointerMove } from "@/lib/domain/pointers/api";
import { askForPointer, type PointerOwner, restorePointer } from "./pointer-calls";

type Props = { scope: Scope; owner: PointerOwner; name: string; last: PointerMove };

/** Back to where it stood before its last move, in one move; a protected one asks for the approval of exactly that. */
export function RestoreButton({ scope, owner, name, last }: Props) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const [open, setOpen] = useState(false);
  const text = words.pointers.page;
  const { from } = last;
  if (from === null) return null;
  const version = words.pointers.version({ number: from });
  const isProtected = owner.protectedNames.includes(name);
  const { project } = scope;

  const restore = async (reason: string) => {
    if (isProtected) {
      const answer = await askForPointer(project, owner, { pointer: name, version: from, reason });
      if (answer.ok) {
        toast({ title: words.pointers.asked({ number: answer.data.number }) });
        router.push(link(`/${project}/approvals/${answer.data.number}`));
      }
      return answer;
    }
    const answer = await restorePointer(project, owner, { pointer: name, revision: last.revision, reason });
    if (answer.ok) {
      toast({ title: text.restored({ name, version }) });
      router.refresh();
    }
    return answer;
  };

  return (
    <>
      <Button size="sm" icon={<Undo2 aria-hidden />} onClick={() => setOpen(true)}>
        {text.restoreTo({ version })}
      </Button>
      {open && (
        <ConfirmDialog
          open
          onOpenChange={setOpen}
          title={text.restoreTitle({ name, version })}
          effect={isProtected ? words.pointers.protectedEffect : words.pointers.effect}
          reason={{ min: 3 }}
          confirmLabel={isProtected ? words.pointers.ask : text.restore}
          busyLabel={isProtected ? words.pointers.asking : text.restoring}
          icon={<Undo2 aria-hidden />}
          onConfirm={restore}
        />
      )}
    </>
  );
}
