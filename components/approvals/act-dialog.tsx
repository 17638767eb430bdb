"use client";

import { Check, Siren, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Scope } from "@/components/overview/scope";
import { useAnnounce } from "@/components/shell/announce";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { FormProblemNote } from "@/components/ui/field";
import { toFormProblem } from "@/components/ui/problem";
import { useToast } from "@/components/ui/toast";
import { type CallAnswer, call } from "@/lib/client/call";
import type { Words } from "@/lib/core/words";
import { type Approval, breakGlass, cancelApproval, decideApproval, reviewBreakGlass } from "@/lib/domain/approvals/api";
import { type Act, effectOf, targetOf } from "./decision-card";

interface Deciding {
  readonly scope: Scope;
  readonly approval: Approval;
  /** Of the content that was read. */
  readonly digest: string;
  readonly onDone: () => void;
}

function send(act: Act, { scope, approval, digest }: Deciding, reason: string): Promise<CallAnswer<Approval>> {
  const at = { project: scope.project, params: { id: approval.id } };
  switch (act) {
    case "approve":
    case "reject":
      return call(decideApproval, { ...at, body: { verdict: act, digest, reason } });
    case "cancel":
      return call(cancelApproval, { ...at, body: { reason } });
    case "glass":
      return call(breakGlass, { ...at, body: { digest, reason } });
    case "review":
      return call(reviewBreakGlass, { ...at, body: { reason } });
  }
}

/** What to say after it, from what became of the request. */
function outcomeText(act: Act, after: Approval, words: Words): string {
  const text = words.approvals;
  if (act === "cancel") return text.cancel.done;
  if (act === "glass") return text.glass.done;
  if (act === "review") return text.glass.reviewed({ name: after.breakGlass?.reviewedBy ?? "" });
  if (after.state === "void" || after.state === "expired") return text.panel.tooLate;
  if (after.state === "rejected") return text.panel.turnedDown;
  return after.state === "executed" ? text.panel.done({ title: after.title }) : text.panel.voted;
}

/** Decides at once with the reason that was typed beside the buttons; a refusal is kept as a note. */
export function useDecision(deciding: Deciding): {
  decide: (act: "approve" | "reject", reason: string) => void;
  busy: "approve" | "reject" | null;
  problem: ReactNode;
} {
  const words = useWords();
  const locale = useLocale();
  const toast = useToast();
  const announce = useAnnounce();
  const [busy, setBusy] = useState<"approve" | "reject" | null>(null);
  const [problem, setProblem] = useState<ReactNode>(null);
  const decide = async (act: "approve" | "reject", reason: string) => {
    setBusy(act);
    setProblem(null);
    const answer = await send(act, deciding, reason.trim());
    setBusy(null);
    deciding.onDone();
    if (answer.ok) {
      const title = outcomeText(act, answer.data, words);
      toast({ title });
      announce(title);
    } else {
      const body = answer.problem ?? { title: words.errors.network, code: "NETWORK" };
      setProblem(<FormProblemNote problem={toFormProblem(body, { pointers: [], words, locale })} />);
    }
  };
  return { decide: (act, reason) => void decide(act, reason), busy, problem };
}

/** The question, what happens, and the reason, before anything is done: a sheet on a phone. */
export function ActDialog({ act, onClose, ...deciding }: Deciding & { act: Act; onClose: () => void }) {
  const words = useWords();
  const toast = useToast();
  const text = words.approvals;
  const { approval } = deciding;
  const named = { title: approval.title };
  const looks: Record<
    Act,
    { title: string; effect: ReactNode; label: string; busy: string; min: number; icon?: ReactNode; danger?: boolean }
  > = {
    approve: {
      title: text.question(named),
      effect: `${effectOf(approval, words)} ${text.panel.exactly}`,
      label: text.panel.approve({ target: targetOf(approval, words) }),
      busy: text.panel.approving,
      min: 0,
      icon: <Check aria-hidden />,
    },
    reject: {
      title: text.panel.rejectTitle(named),
      effect: text.panel.rejectEffect,
      label: text.panel.reject,
      busy: text.panel.rejecting,
      min: 10,
      icon: <X aria-hidden />,
      danger: true,
    },
    cancel: { title: text.cancel.title(named), effect: text.cancel.effect, label: text.cancel.label, busy: text.cancel.busy, min: 3 },
    glass: {
      title: text.glass.title(named),
      effect: text.glass.effect,
      label: text.glass.confirm,
      busy: text.glass.busy,
      min: 10,
      icon: <Siren aria-hidden />,
      danger: true,
    },
    review: {
      title: text.glass.reviewTitle(named),
      effect: text.glass.reviewEffect,
      label: text.glass.review,
      busy: text.glass.reviewing,
      min: 3,
      icon: <Check aria-hidden />,
    },
  };
  const look = looks[act];
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={look.title}
      effect={look.effect}
      reason={{ min: look.min, placeholder: act === "approve" || act === "reject" ? text.panel.reasonPlaceholder : undefined }}
      confirmLabel={look.label}
      busyLabel={look.busy}
      icon={look.icon}
      danger={look.danger}
      onConfirm={async (reason) => {
        const answer = await send(act, deciding, reason);
        deciding.onDone();
        if (answer.ok) toast({ title: outcomeText(act, answer.data, words) });
        return answer;
      }}
    />
  );
}
