"use client";

import { CalendarPlus, GitCompareArrows } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { SelectField } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { RelativeTime } from "@/components/ui/relative-time";
import { ActionWithHint } from "@/components/ui/safe-controls";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { formatSpan } from "@/lib/core/words/format";
import { type Experiment, extendExperiment, reviseExperiment } from "@/lib/domain/experiments/api";

type Props = { experiment: Experiment; scope: Scope; onMoved: () => void };

/** The versions before and after this one, each as a link; nothing for an experiment that stands alone. */
export function VersionNote({ experiment, project }: { experiment: Experiment; project: string }) {
  const words = useWords();
  const { link } = useShell();
  const text = words.experiments.life;
  const { predecessor, successor, state, version } = experiment;
  if (predecessor === null && successor === null) return null;
  const to = ({ number }: { number: number }) => (
    <TextLink href={link(`/${project}/experiments/${number}`)}>{words.experiments.numbered({ number })}</TextLink>
  );
  return (
    <Note tone="idle" title={text.version({ version })}>
      {predecessor !== null && (
        <p>
          {to(predecessor)}: {predecessor.state === "running" && state === "draft" ? text.willReplace : text.before}
        </p>
      )}
      {successor !== null && (
        <p>
          {to(successor)}: {successor.state === "draft" ? text.nextDraft : text.after}
        </p>
      )}
    </Note>
  );
}

/** What can still be done about a frozen plan: a later end, or another plan as the next version. Nothing for a draft. */
export function LifeCard({ experiment, scope, onMoved }: Props) {
  const words = useWords();
  const [open, setOpen] = useState<"extend" | "revise" | null>(null);
  const text = words.experiments.life;
  if (experiment.state === "draft") return null;
  const role = mayAct(scope, "experiment:write")
    ? null
    : words.experiments.controls.needsRole({ role: words.nouns.roles[neededRole("experiment:write")] });
  const { allowed, state, successor, extensions } = experiment;
  const noExtension = allowed.extend ? null : text.extend.decided;
  const noRevision = allowed.revise ? null : text.revise.exists({ number: successor?.number ?? "" });
  return (
    <Card>
      <CardHead title={text.title} />
      <CardBody className="flex flex-col gap-3.5">
        {extensions.map(({ at, actor, reason, to }) => (
          <p key={at} className="text-small text-ink-2">
            {text.extend.was({ actor })} <RelativeTime at={to} />. “{reason}”
          </p>
        ))}
        {state === "running" && (
          <ActionWithHint
            size="md"
            control={{
              id: "extend",
              label: text.extend.label,
              icon: <CalendarPlus aria-hidden />,
              variant: "outline",
              disabled: (role ?? noExtension) !== null,
              sentence: role ?? noExtension ?? text.extend.sentence,
              onClick: () => setOpen("extend"),
            }}
          />
        )}
        <ActionWithHint
          size="md"
          control={{
            id: "revise",
            label: text.revise.label,
            icon: <GitCompareArrows aria-hidden />,
            variant: "outline",
            disabled: (role ?? noRevision) !== null,
            sentence: role ?? noRevision ?? text.revise.sentence,
            onClick: () => setOpen("revise"),
          }}
        />
      </CardBody>
      {open === "extend" && <ExtendDialog experiment={experiment} scope={scope} onMoved={onMoved} onClose={() => setOpen(null)} />}
      {open === "revise" && <ReviseDialog experiment={experiment} scope={scope} onClose={() => setOpen(null)} />}
    </Card>
  );
}

const DAY_MS = 86_400_000;
const DAYS = [1, 7, 14, 28] as const;

function ExtendDialog({ experiment, scope, onMoved, onClose }: Props & { onClose: () => void }) {
  const words = useWords();
  const locale = useLocale();
  const toast = useToast();
  const [days, setDays] = useState(7);
  const text = words.experiments.life.extend;
  const { deadlineAt, name, id } = experiment;
  if (deadlineAt === null) return null;
  const later = new Date(Date.parse(deadlineAt) + days * DAY_MS).toISOString();
  return (
    <ConfirmDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={text.title({ name })}
      effect={text.effect}
      reason={{ min: 3, placeholder: words.experiments.controls.reason }}
      confirmLabel={text.label}
      busyLabel={text.busy}
      onConfirm={async (reason) => {
        const answer = await call(extendExperiment, { project: scope.project, params: { id }, body: { deadlineAt: later, reason } });
        if (!answer.ok) return answer;
        toast({ title: text.done });
        onMoved();
        onClose();
        return { ok: true };
      }}
    >
      <SelectField
        className="mb-3.5"
        label={text.by}
        name="days"
        value={String(days)}
        onChange={(event) => setDays(Number(event.target.value))}
        options={DAYS.map((each) => ({ value: String(each), label: formatSpan(each * DAY_MS, locale) }))}
      />
      <p className="mb-3.5 text-small text-ink-2">
        {text.until} <RelativeTime at={later} />
      </p>
    </ConfirmDialog>
  );
}

function ReviseDialog({ experiment, scope, onClose }: Omit<Props, "onMoved"> & { onClose: () => void }) {
  const words = useWords();
  const router = useRouter();
  const { link } = useShell();
  const toast = useToast();
  const text = words.experiments.life.revise;
  const { name, id, state } = experiment;
  return (
    <ConfirmDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={text.title({ name })}
      effect={state === "running" ? text.runningEffect : text.effect}
      reason={{ min: 3, placeholder: text.reason }}
      confirmLabel={text.label}
      busyLabel={text.busy}
      onConfirm={async (reason) => {
        const answer = await call(reviseExperiment, { project: scope.project, params: { id }, body: { reason } });
        if (!answer.ok) return answer;
        toast({ title: text.done({ number: answer.data.number }) });
        router.push(link(`/${scope.project}/experiments/${answer.data.number}?edit=1`));
        return { ok: true };
      }}
    />
  );
}
