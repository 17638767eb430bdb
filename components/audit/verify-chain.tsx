"use client";

import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useAnnounce } from "@/components/shell/announce";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Note } from "@/components/ui/note";
import { ProblemReference } from "@/components/ui/states";
import { type CallAnswer, call } from "@/lib/client/call";
import { formatNumber } from "@/lib/core/words/format";
import { type AuditVerification, verifyAuditEvents } from "@/lib/domain/audit/api";

type Answer = CallAnswer<AuditVerification>;

/** The state of a check: the button and the note that it ends in stand in different places of the page. */
export function useVerification(project: string) {
  const words = useWords();
  const announce = useAnnounce();
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const verify = async () => {
    setBusy(true);
    const next = await call(verifyAuditEvents, { project });
    setBusy(false);
    setAnswer(next);
    if (!next.ok) return;
    const { fault, checked } = next.data;
    if (fault === null) announce(words.audit.intactTitle({ count: formatNumber(checked) }));
    else announce(words.audit.brokenTitle({ sequence: formatNumber(fault.sequence) }), { assertive: true });
  };
  return { busy, answer, verify };
}

export function VerifyButton({ busy, onClick }: { busy: boolean; onClick: () => void }) {
  const words = useWords();
  return (
    <Button variant="primary" icon={<ShieldCheck aria-hidden />} busy={busy} busyLabel={words.audit.verifying} onClick={onClick}>
      {words.audit.create}
    </Button>
  );
}

/** What the check found, in a sentence with its evidence. */
export function VerificationNote({ answer }: { answer: Answer | null }) {
  const words = useWords();
  if (answer === null) return null;
  if (!answer.ok)
    return (
      <Note tone="bad" role="alert" title={words.errors.notRead({ what: words.audit.title })}>
        {answer.problem?.detail ?? words.errors.readNetwork}{" "}
        {answer.problem !== null && <ProblemReference code={answer.problem.code} requestId={answer.problem.requestId} />}
      </Note>
    );
  const { fault, checked, anchors, lastHash } = answer.data;
  if (fault !== null) {
    const faults: Readonly<Record<string, string>> = words.audit.faults;
    return (
      <Note tone="bad" title={words.audit.brokenTitle({ sequence: formatNumber(fault.sequence) })}>
        <p>
          {faults[fault.kind] ?? fault.explanation} {words.audit.brokenWhatNow}
        </p>
      </Note>
    );
  }
  return (
    <Note tone={anchors.checked > 0 ? "good" : "hold"} title={words.audit.intactTitle({ count: formatNumber(checked) })}>
      <p>
        {anchors.lastSequence === null
          ? words.audit.intactNoAnchors
          : words.audit.intactAnchors({ count: formatNumber(anchors.checked), sequence: formatNumber(anchors.lastSequence) })}
      </p>
      <p className="text-small text-ink-2">
        {words.audit.hash} <code className="wrap-anywhere">{lastHash}</code>
      </p>
    </Note>
  );
}
