"use client";

import { useNow } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { type CheckItem, CheckList } from "@/components/ui/lists";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatSpan } from "@/lib/core/words/format";
import type { Locale } from "@/lib/core/words/locale";
import type { Experiment, ExperimentResults } from "@/lib/domain/experiments/api";
import { secondsPassed } from "./experiment-look";

type Props = { experiment: Experiment; results: ExperimentResults };

/** What the planned analysis waits for, and when the waiting ends by itself. */
export function MissingCard({ experiment, results }: Props) {
  const words = useWords();
  const locale = useLocale();
  const nowMs = useNow((now) => Math.floor(now / 1000) * 1000);
  const text = words.experiments.missing;
  const done = results.planned !== null;
  return (
    <Card>
      <CardHead title={text.title} />
      <CardBody>
        {done ? (
          <p className="text-ink-2">{text.nothing}</p>
        ) : (
          <CheckList label={text.title} items={toChecks({ experiment, results }, { nowMs, words, locale })} />
        )}
      </CardBody>
    </Card>
  );
}

function toChecks({ experiment, results }: Props, { nowMs, words, locale }: { nowMs: number; words: Words; locale: Locale }): CheckItem[] {
  const text = words.experiments.missing;
  const { plan } = experiment;
  const span = (seconds: number) => formatSpan(seconds * 1000, locale);
  const pace = results.missing?.estimatedSeconds ?? null;
  const subjects = (arm: "control" | "treatment"): CheckItem => {
    const count = results.current?.[arm].subjects ?? 0;
    const left = Math.max(0, plan.minSubjectsPerArm - count);
    const group = words.experiments[arm];
    const detail = text.subjectsDetail({ count: formatNumber(count), min: formatNumber(plan.minSubjectsPerArm) });
    return left === 0
      ? { id: arm, state: "pass", title: text.subjectsDone({ group }), detail }
      : { id: arm, state: "holding", title: text.subjects({ group, count: left === 1 ? 1 : formatNumber(left) }), detail };
  };
  const passed = secondsPassed(experiment, nowMs);
  const left = Math.max(0, plan.minDurationSeconds - passed);
  const detail = text.timeDetail({ passed: span(Math.min(passed, plan.minDurationSeconds)), min: span(plan.minDurationSeconds) });
  const deadline = experiment.deadlineAt === null ? null : Math.max(0, Math.ceil((Date.parse(experiment.deadlineAt) - nowMs) / 1000));
  const control = subjects("control");
  const treatment = subjects("treatment");
  const someMissing = control.state === "holding" || treatment.state === "holding";
  return [
    control,
    treatment,
    left === 0
      ? { id: "time", state: "pass", title: text.timeDone, detail }
      : { id: "time", state: "holding", title: text.time({ span: span(left) }), detail },
    ...(someMissing || left > 0
      ? [
          {
            id: "pace",
            state: "info" as const,
            title: pace === null ? text.paceUnknown : text.pace({ span: span(pace) }),
          },
        ]
      : []),
    ...(deadline === null
      ? []
      : [{ id: "deadline", state: "scheduled" as const, title: text.deadline({ span: span(deadline) }), detail: text.deadlineDetail }]),
  ];
}

/** Where the scores of the metric went: used, waiting, set aside. */
export function ScoresCard({ experiment, results }: Props) {
  const words = useWords();
  const text = words.experiments.scores;
  const { current, unjoined } = results;
  const used = current === null ? 0 : current.control.scores + current.treatment.scores;
  const nothing = used + unjoined.pending + unjoined.setAside === 0;
  return (
    <Card>
      <CardHead title={text.title} sub={experiment.metric.name} />
      <CardBody>
        {nothing ? (
          <p className="text-ink-2">{text.none({ metric: experiment.metric.name })}</p>
        ) : (
          <CheckList
            label={text.title}
            items={[
              { id: "used", state: used > 0 ? "pass" : "holding", title: text.used, detail: text.usedDetail, note: formatNumber(used) },
              {
                id: "pending",
                state: "scheduled",
                title: text.pending,
                detail: text.pendingDetail,
                note: formatNumber(unjoined.pending),
              },
              {
                id: "setAside",
                state: unjoined.setAside > 0 ? "warning" : "info",
                title: text.setAside,
                detail: text.setAsideDetail,
                note: formatNumber(unjoined.setAside),
              },
            ]}
          />
        )}
      </CardBody>
    </Card>
  );
}
