"use client";

import { useTimeZone } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { DetailList } from "@/components/ui/key-facts";
import { NameTag } from "@/components/ui/name-tag";
import { StateBadge } from "@/components/ui/state-badge";
import { ErrorState } from "@/components/ui/states";
import type { CallAnswer } from "@/lib/client/call";
import { problemTitle } from "@/lib/core/words";
import { dash, formatMillis } from "@/lib/core/words/format";
import { formatClock } from "@/lib/core/words/time";
import type { BackendProbe } from "@/lib/domain/backends/api";

export interface Probed {
  readonly atMs: number;
  readonly answer: CallAnswer<BackendProbe>;
}

/** What the last connection test found, in words and numbers. It is announced when it arrives. */
export function ProbeCard({ probed }: { probed: Probed | null }) {
  const words = useWords();
  const locale = useLocale();
  const timeZone = useTimeZone();
  const text = words.backends.probe;
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
      {probed?.answer.ok && <Found probe={probed.answer.data} />}
    </Card>
  );
}

function ProbeBadge({ probe }: { probe: BackendProbe }) {
  const words = useWords();
  const text = words.backends.probe;
  if (!probe.reachable) return <StateBadge state="away">{text.notReached}</StateBadge>;
  const isFine = probe.status !== null && probe.status < 300 && probe.servesModel !== false;
  return isFine ? <StateBadge state="healthy">{text.reached}</StateBadge> : <StateBadge state="degraded">{text.warns}</StateBadge>;
}

function Found({ probe }: { probe: BackendProbe }) {
  const words = useWords();
  const text = words.backends.probe;
  return (
    <CardBody className="flex flex-col gap-3">
      <p className="flex flex-wrap items-center gap-2 text-body">
        {probe.finding} {probe.isSimulated && <NameTag kind="simulated" />}
      </p>
      <DetailList
        items={[
          { label: text.status, value: probe.status ?? dash },
          { label: text.latency, value: formatMillis(probe.latencyMs) },
          { label: text.servesModel, value: probe.servesModel === null ? text.unknown : probe.servesModel ? text.yes : text.no },
          { label: text.models, value: probe.models.length === 0 ? text.noModels : probe.models.join(", ") },
        ]}
      />
    </CardBody>
  );
}
