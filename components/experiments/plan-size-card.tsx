"use client";

import { LoaderCircle } from "lucide-react";
import { useId } from "react";
import { PowerCurve } from "@/components/charts/power-curve";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { DetailList } from "@/components/ui/key-facts";
import { Note } from "@/components/ui/note";
import { formatNumber, formatPercent } from "@/lib/core/words/format";
import type { ExperimentSize } from "@/lib/domain/experiments/api";
import { percentText } from "./experiment-look";
import { powerAt, readRatio } from "./plan-body";
import type { PlanDraft } from "./plan-draft";
import { baselineText, daysText, isTooLong } from "./plan-text";
import type { SizeLook } from "./use-size";

type Props = {
  draft: PlanDraft;
  look: SizeLook;
  /** Whether there is something to calculate. */
  isAsked: boolean;
  /** Subjects in each group that the plan, as typed, asks for; null: it cannot be read. */
  minSubjects: number | null;
};

/** What the plan costs: subjects, days and power, calculated anew as it is typed. */
export function SizeCards({ draft, look, isAsked, minSubjects }: Props) {
  const words = useWords();
  const text = words.planForm;
  const titleId = useId();
  const { size } = look;
  const isWaiting = isAsked && !look.isCurrent && !look.isError;
  const effect = readRatio(draft.effect);
  return (
    <>
      <Card aria-busy={isWaiting} aria-labelledby={titleId}>
        <CardHead
          id={titleId}
          title={text.size.title}
          right={
            isWaiting && (
              <span role="status" className="inline-flex items-center gap-1.5">
                <LoaderCircle className="busy-icon size-3.5" aria-hidden />
                {text.size.asking}
              </span>
            )
          }
        />
        <CardBody className={cn("flex flex-col gap-3", isWaiting && "opacity-70")}>
          {look.isError ? (
            <Failed look={look} />
          ) : (
            <Answer size={isAsked ? size : null} quantile={draft.metric.quantile} waiting={isAsked ? text.size.asking : text.size.none} />
          )}
          {isAsked && size !== null && size.curve.length > 0 && minSubjects !== null && (
            <PowerSentence size={size} minSubjects={minSubjects} effect={effect} />
          )}
        </CardBody>
      </Card>
      {isAsked && size !== null && size.curve.length > 0 && (
        <PowerCurve
          words={text.curve}
          sentence={curveSentence(size, text.curve.picture)}
          curve={size.curve}
          target={{
            power: readRatio(draft.power),
            label: text.curve.target({ power: percentText(readRatio(draft.power)) }),
          }}
          planned={minSubjects}
        />
      )}
    </>
  );
}

const perDay = (count: number) => formatNumber(count, { digits: count < 10 ? 1 : 0 });

/** `quantile` as it is typed; empty: the mean. */
function Answer({ size, quantile, waiting }: { size: ExperimentSize | null; quantile: string; waiting: string }) {
  const words = useWords();
  const locale = useLocale();
  const text = words.planForm.size;
  if (size === null) return <p className="text-ink-3">{waiting}</p>;
  const { basis, measured, subjectsPerArm, minSubjectsPerArm, days } = size;
  if (basis === null) return <Note tone="idle">{quantile === "" ? text.noBaseline : text.noQuantile({ quantile })}</Note>;
  if (subjectsPerArm === null || minSubjectsPerArm === null) return <Note tone="hold">{text.endless}</Note>;
  return (
    <>
      <DetailList
        items={[
          { label: text.needed, value: <b>{formatNumber(minSubjectsPerArm)}</b> },
          {
            label: text.days,
            value: (
              <>
                {days === null ? text.noTraffic : daysText(days, locale)}
                <small className="block text-small text-ink-3">
                  {text.perDay({ count: perDay(size.subjectsPerDay) })}
                  {size.scoredPerDay !== null &&
                    size.scoredPerDay < size.subjectsPerDay &&
                    `, ${text.scoredPerDay({ count: perDay(size.scoredPerDay) })}`}
                </small>
              </>
            ),
          },
          {
            label: text.measured,
            value: (
              <>
                {baselineText({ basis, quantile }, words)}
                {measured.mean === basis.baselineMean && (
                  <small className="block text-small text-ink-3">
                    {text.ofDays({ subjects: text.subjects({ count: formatNumber(measured.subjects) }) })}
                  </small>
                )}
              </>
            ),
          },
        ]}
      />
      {minSubjectsPerArm > subjectsPerArm && (
        <p className="text-small text-ink-3">{text.atMinimum({ count: formatNumber(subjectsPerArm) })}</p>
      )}
      {isTooLong(size) && <Note tone="hold">{text.tooLong({ span: daysText(days ?? 0, locale) })}</Note>}
    </>
  );
}

function Failed({ look }: { look: SizeLook }) {
  const words = useWords();
  const text = words.planForm.size;
  const { problem } = look;
  const details = problem === null ? [words.errors.network] : [problem.detail, ...problem.errors.map((each) => each.detail)];
  return (
    <Note tone="bad" title={text.failed} role="status">
      {[...new Set(details)].map((detail) => (
        <p key={detail}>{detail}</p>
      ))}
      <p className="text-small text-ink-3">{text.retry}</p>
    </Note>
  );
}

/** What the size that is asked for can find: the sentence that makes a shortcut's price plain. */
function PowerSentence({ size, minSubjects, effect }: { size: ExperimentSize; minSubjects: number; effect: number }) {
  const words = useWords();
  const text = words.planForm.size;
  const power = powerAt(size.curve, minSubjects);
  const first = size.curve[0];
  if (first === undefined) return null;
  const about = { subjects: formatNumber(minSubjects), effect: formatPercent(effect) };
  const chance = (ratio: number) => (ratio > 0.995 ? `> ${formatPercent(0.995)}` : formatPercent(ratio, { digits: 0 }));
  return (
    <p aria-live="polite">
      {power === null
        ? text.powerBelow({ ...about, chance: formatPercent(first.power, { digits: 0 }) })
        : text.power({ ...about, chance: chance(power) })}
    </p>
  );
}

type PictureWords = (p: { from: string; to: string; low: string; high: string }) => string;

function curveSentence({ curve }: ExperimentSize, picture: PictureWords): string {
  const ends = [curve[0], curve.at(-1)];
  const [from = "", to = ""] = ends.map((point) => formatNumber(point?.subjectsPerArm ?? null));
  const [low = "", high = ""] = ends.map((point) => formatPercent(point?.power ?? null, { digits: 0 }));
  return picture({ from, to, low, high });
}
