"use client";

import { Check, X } from "lucide-react";
import { useId } from "react";
import { percentText, treatedShare } from "@/components/experiments/experiment-look";
import { useWords } from "@/components/shell/words-provider";
import { Avatar } from "@/components/ui/avatar";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CopyField } from "@/components/ui/copy-field";
import { inputLook } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { ClockTime } from "@/components/ui/relative-time";
import type { Words } from "@/lib/core/words";
import type { Approval } from "@/lib/domain/approvals/api";
import { whyNot } from "./approval-look";
import { versionText } from "./change-cards";
import { readPointerChange } from "./pointer-change";
import { readStartChange } from "./start-change";
import { readVersionChange } from "./version-change";

export type Act = "approve" | "reject" | "cancel" | "glass" | "review";

/** What happens if the one who reads approves now. */
export function effectOf(approval: Approval, words: Words): string {
  const text = words.approvals.panel;
  const left = approval.requiredApprovals - approval.givenApprovals - 1;
  if (left > 0) return text.more({ count: left });
  const change = readPointerChange(approval.content);
  const done = approval.content.execution === "on_call" ? text.lastOnCall : text.last;
  const version = readVersionChange(approval.content);
  if (version !== null) return `${done} ${words.approvals.version.effect({ version: words.models.version({ number: version.number }) })}`;
  const start = readStartChange(approval.content);
  if (start !== null) {
    const share = percentText(treatedShare({ arms: start.arms, layerShareBps: start.layer?.shareBps ?? 10_000 }));
    return `${done} ${words.approvals.start.effect({ endpoint: start.endpoint, share })}`;
  }
  if (change === null || change.to === null) return done;
  return `${done} ${text.effect({ name: `${change.owner} ${change.name}`, version: versionText(change.to, words) })}`;
}

/** `v2`, or what else is approved, for the button. */
export function targetOf(approval: Approval, words: Words): string {
  const change = readPointerChange(approval.content);
  const version = readVersionChange(approval.content);
  if (version !== null) return words.models.version({ number: version.number });
  return change === null || change.to === null ? "" : versionText(change.to, words);
}

type Props = {
  approval: Approval;
  /** The digest changed while it was open here: nothing is decided before it was read again. */
  isLocked: boolean;
  reason: string;
  onReason: (reason: string) => void;
  /** At once, with the reason that stands here. */
  onAct: (act: "approve" | "reject") => void;
  busy: "approve" | "reject" | null;
};

/** Who has decided, what an approval does, the reason and the two buttons. */
export function DecisionCard({ approval, isLocked, reason, onReason, onAct, busy }: Props) {
  const words = useWords();
  const id = useId();
  const text = words.approvals.panel;
  const why = whyNot(approval, words);
  const isPending = approval.state === "pending";
  const mayReject = isPending && !isLocked && approval.you.decide === null;
  const mayApprove = mayReject && why === null;
  return (
    <Card>
      <CardHead
        title={text.title}
        right={isPending ? text.given({ given: approval.givenApprovals, needed: approval.requiredApprovals }) : undefined}
      />
      <CardBody className="flex flex-col gap-3">
        {approval.decisions.map((decision) => (
          <p key={`${decision.name} ${decision.at}`} className="flex items-start gap-2">
            <Avatar name={decision.name} size="sm" />
            <span className="min-w-0">
              {decision.verdict === "approve" ? text.approved({ name: decision.name }) : text.rejected({ name: decision.name })},{" "}
              <ClockTime at={decision.at} />
              {decision.reason !== "" && <span className="block text-small text-ink-3">“{decision.reason}”</span>}
              {!decision.counts && <span className="block text-small text-ink-3">{text.earlier}</span>}
            </span>
          </p>
        ))}
        {isPending && why === null && <Note tone="active">{effectOf(approval, words)}</Note>}
        {why !== null && (
          <p id={`${id}-why`} className="text-ink-2">
            {why}
          </p>
        )}
        {isPending && (
          <div className="flex flex-col gap-3 max-md:hidden">
            <div className="flex flex-col gap-[5px]">
              <label htmlFor={id} className="text-small font-medium">
                {text.reason}
              </label>
              <textarea
                id={id}
                rows={3}
                value={reason}
                onChange={(event) => onReason(event.target.value)}
                placeholder={text.reasonPlaceholder}
                disabled={!mayReject}
                aria-describedby={`${id}-hint`}
                className={`${inputLook} block h-auto resize-y py-2 leading-5`}
              />
              <span id={`${id}-hint`} className="text-small text-ink-3">
                {text.reasonHint}
              </span>
            </div>
            <div className="flex gap-2">
              <Button
                variant="primary"
                size="lg"
                className="flex-1"
                icon={<Check aria-hidden />}
                disabled={!mayApprove || busy !== null}
                busy={busy === "approve"}
                busyLabel={text.approving}
                aria-describedby={why === null ? undefined : `${id}-why`}
                onClick={() => onAct("approve")}
              >
                {text.approve({ target: targetOf(approval, words) })}
              </Button>
              <Button
                size="lg"
                variant="danger-outline"
                icon={<X aria-hidden />}
                busy={busy === "reject"}
                busyLabel={text.rejecting}
                disabled={!mayReject || busy !== null || reason.trim().length < 10}
                aria-describedby={`${id}-hint`}
                onClick={() => onAct("reject")}
              >
                {text.reject}
              </Button>
            </div>
          </div>
        )}
        <p className="text-small text-ink-3">{text.exactly}</p>
        <CopyField
          value={approval.digest}
          shown={`sha256:${approval.digest.slice(0, 10)}…${approval.digest.slice(-8)}`}
          what={text.digest}
        />
      </CardBody>
    </Card>
  );
}
