"use client";

import type { ReactNode } from "react";
import { useNow, useTimeZone } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { type Fact, KeyFacts } from "@/components/ui/key-facts";
import { StateText } from "@/components/ui/state-badge";
import { Term } from "@/components/ui/tooltip";
import { formatChange, formatNumber, formatPercent, formatSpan } from "@/lib/core/words/format";
import { formatClock, formatDay } from "@/lib/core/words/time";
import type { Experiment, ExperimentResults } from "@/lib/domain/experiments/api";
import { marginDigits, secondsPassed, shownAnalysis } from "./experiment-look";

const DAY_SECONDS = 86_400;

/** What the plan asks for, and how far it is: time, samples, split, power, what is left. */
export function PlanTiles({ experiment, results }: { experiment: Experiment; results: ExperimentResults }) {
  const words = useWords();
  const locale = useLocale();
  const timeZone = useTimeZone();
  const text = words.experimentResults.tiles;
  const nowMs = useNow((now) => stepOf(experiment, now));
  const { plan, deadlineAt } = experiment;
  const span = (seconds: number) => formatSpan(seconds * 1_000, locale);
  const passed = secondsPassed(experiment, nowMs);
  const analysis = shownAnalysis(results);
  const counts = analysis === null ? [] : analysis.arms.map(({ subjects }) => subjects);
  const samples = counts.length === 0 ? 0 : Math.min(...counts);
  const left = deadlineAt === null ? null : Math.max(0, Math.ceil((Date.parse(deadlineAt) - nowMs) / 1_000));
  const day = (at: string) => {
    const ms = Date.parse(at);
    return ms - nowMs < DAY_SECONDS * 1_000 ? formatClock(ms, { timeZone }) : formatDay(ms, { locale, timeZone });
  };
  const facts: Fact[] = [
    {
      label: text.duration,
      value: (
        <Reached ok={passed >= plan.minDurationSeconds}>
          {text.days({ passed: span(wholeUnits(passed)), min: span(plan.minDurationSeconds) })}
        </Reached>
      ),
    },
    {
      label: text.samples,
      value: (
        <Reached ok={samples >= plan.minSubjectsPerArm}>
          {text.samplesOf({ count: formatNumber(samples), min: formatNumber(plan.minSubjectsPerArm) })}
        </Reached>
      ),
      note: text.samplesNote,
    },
    ...ratioFact(),
    ...powerFact(),
    ...varianceFact(),
    {
      label: text.left,
      value: left === null || deadlineAt === null ? text.over : span(wholeUnits(left)),
      note: deadlineAt === null ? undefined : text.leftTo({ at: day(deadlineAt) }),
    },
  ];
  return <KeyFacts facts={facts} />;

  function ratioFact(): Fact[] {
    const { exposure } = results;
    if (exposure === null) return [];
    const failed = analysis?.checks.find(({ code }) => code === "sample_ratio")?.status === "fail";
    const label = text.ratio({ shares: exposure.arms.map((arm) => formatNumber(arm.plannedShare * 100)).join(" / ") });
    if (exposure.sampleRatio === null) return [{ label, value: <span className="font-normal text-ink-3">{text.none}</span> }];
    const shares = exposure.arms.map((arm) => formatNumber((arm.share ?? 0) * 100, { digits: 2 })).join(" / ");
    const p = exposure.sampleRatio.pValue;
    return [
      {
        label: <Term name="sampleRatio">{label}</Term>,
        value: <Reached ok={!failed} otherwise="past_limit">{`${shares} %`}</Reached>,
        note: p < 0.001 ? "p < 0.001" : `p = ${formatNumber(p, { digits: 2 })}`,
      },
    ];
  }

  function varianceFact(): Fact[] {
    const adjustment = analysis?.comparisons.find(({ role }) => role === "primary")?.adjustment;
    if (adjustment === undefined) return [];
    const { status, varianceReduction } = adjustment;
    const note =
      status === "ok"
        ? text.cupedNote({ share: formatChange(varianceReduction === null ? null : -varianceReduction) })
        : text.cupedNot[status];
    return [{ label: text.variance, value: <Term name="cuped">{text.cuped}</Term>, note }];
  }

  function powerFact(): Fact[] {
    const { power } = results;
    if (power === null || power.relativeEffect === null) return [];
    const effect = formatChange(power.relativeEffect, { digits: marginDigits(power.relativeEffect, 0) });
    // Nothing is ever found for certain.
    const percent = (value: number) => (value > 0.995 ? `> ${formatPercent(0.995)}` : formatPercent(value, { digits: 0 }));
    return [
      {
        label: text.power({ effect }),
        value: power.now === null ? <span className="font-normal text-ink-3">{text.none}</span> : percent(power.now),
        note:
          power.atDeadline === null || deadlineAt === null
            ? undefined
            : text.powerLater({ power: percent(power.atDeadline), at: day(deadlineAt) }),
      },
    ];
  }
}

/** Now, in seconds within the first minute and in minutes after it, counted from the start: what is drawn anew every second is not read. */
function stepOf(experiment: Experiment, nowMs: number): number {
  const startedAtMs = Date.parse(experiment.startedAt ?? "");
  if (Number.isNaN(startedAtMs)) return nowMs - (nowMs % 60_000);
  const passedMs = nowMs - startedAtMs;
  return nowMs - (passedMs % (passedMs < 60_000 ? 1_000 : 60_000));
}

/** Whole minutes after the first, whole hours after the first day: figures that tick are not read. */
function wholeUnits(seconds: number): number {
  const unit = seconds < 60 ? 1 : seconds < DAY_SECONDS ? 60 : 3_600;
  return seconds - (seconds % unit);
}

function Reached({ ok, otherwise = "holding", children }: { ok: boolean; otherwise?: "holding" | "past_limit"; children: ReactNode }) {
  return <StateText state={ok ? "pass" : otherwise}>{children}</StateText>;
}
