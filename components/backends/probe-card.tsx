"use client";

import { useTimeZone } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CheckList } from "@/components/ui/lists";
import { NameTag } from "@/components/ui/name-tag";
import { StateBadge } from "@/components/ui/state-badge";
import type { StateName } from "@/components/ui/state-look";
import { ErrorState } from "@/components/ui/states";
import type { CallAnswer } from "@/lib/client/call";
import { problemTitle, type Words } from "@/lib/core/words";
import { formatMillis } from "@/lib/core/words/format";
import { formatClock } from "@/lib/core/words/time";
import type { BackendProbe, ProbeStep } from "@/lib/domain/backends/api";

export interface Probed {
  readonly atMs: number;
  readonly answer: CallAnswer<BackendProbe>;
}

/** What the last connection test found, step by step, with how to mend what failed. It is announced when it arrives. */
export function ProbeCard({ probed }: { probed: Probed | null }) {
  const words = useWords();
  const locale = useLocale();
  const timeZone = useTimeZone();
  const text = words.backends.probe;
  // What went well needs no mending.
  const fixes: Partial<Record<ProbeStep["code"], string>> = text.fixes;
  return (
    <Card aria-live="polite">
      <CardHead
        title={text.title}
        sub={probed === null ? undefined : text.at({ at: formatClock(probed.atMs, { timeZone, seconds: true }) })}
        right={probed?.answer.ok ? <ProbeBadge probe={probed.answer.data} /> : undefined}
      />
      {probed === null && <CardBody className="text-ink-2">{text.never}</CardBody>}
      {probed !== null && !probed.answer.ok && (
        <ErrorState
          title={problemTitle(locale, probed.answer.problem?.code ?? "") ?? words.errors.notRead({ what: text.title })}
          code={probed.answer.problem?.code ?? "NETWORK"}
          requestId={probed.answer.problem?.requestId}
          className="min-h-0 pt-0"
        >
          {probed.answer.problem?.detail ?? words.errors.readNetwork}
        </ErrorState>
      )}
      {probed?.answer.ok && (
        <CardBody>
          <CheckList
            label={text.title}
            items={probed.answer.data.steps
              .filter((step) => step.code !== "skipped")
              .map((step) => ({
                id: step.step,
                state: looks[step.outcome],
                title: `${text.steps[step.step]}: ${sayStep(step, words)}`,
                detail: fixes[step.code],
                note: step.ms === null ? undefined : formatMillis(step.ms),
              }))}
          />
        </CardBody>
      )}
    </Card>
  );
}

const looks: Record<ProbeStep["outcome"], StateName> = { ok: "pass", warning: "warning", failed: "fail", skipped: "unknown" };

function sayStep({ code, found, step }: ProbeStep, words: Words): string {
  const { backends } = words;
  const kind = step === "kind" && found !== null && found in backends.kinds ? backends.kinds[found as keyof typeof backends.kinds] : found;
  const said = backends.probe.codes[code];
  return kind === null ? said : `${said} (${kind})`;
}

function ProbeBadge({ probe }: { probe: BackendProbe }) {
  const words = useWords();
  const text = words.backends.probe;
  const has = (outcome: ProbeStep["outcome"]) => probe.steps.some((step) => step.outcome === outcome);
  const badge = !probe.reachable ? (
    <StateBadge state="away">{text.notReached}</StateBadge>
  ) : has("failed") || has("warning") ? (
    <StateBadge state="degraded">{text.warns}</StateBadge>
  ) : (
    <StateBadge state="healthy">{text.reached}</StateBadge>
  );
  return (
    <>
      {probe.isSimulated && <NameTag kind="simulated" />}
      {badge}
    </>
  );
}
