"use client";

import { type ChartCell, ChartFrame, type ChartTable } from "@/components/charts/chart-frame";
import { IntervalPlot } from "@/components/charts/interval-plot";
import { useWords } from "@/components/shell/words-provider";
import { CellNote, type Column, DataTable } from "@/components/ui/data-table";
import { LegendItem } from "@/components/ui/split-bar";
import { StateBadge } from "@/components/ui/state-badge";
import { EmptyState } from "@/components/ui/states";
import type { Words } from "@/lib/core/words";
import { dash, formatNumber } from "@/lib/core/words/format";
import type { Experiment, ExperimentSegments, SegmentsOfDimension } from "@/lib/domain/experiments/api";
import { STANDING_STATES } from "./comparison-card";
import { percentText, pSentence, pText } from "./experiment-look";
import { type ArmView, differenceText, liftChange, listArms, metricText, valueText } from "./results-model";
import { listSegmentRows, type SegmentRow, segmentStanding } from "./segments-model";

type Props = { experiment: Experiment; segments: ExperimentSegments; dimension: SegmentsOfDimension };

/** One dimension: the primary metric in each of its segments, all intervals on one scale. */
export function SegmentsCard({ experiment, segments, dimension }: Props) {
  const words = useWords();
  const text = words.segments;
  const { isDeclared } = dimension;
  const { state } = segments;
  const rows = listSegmentRows(dimension, words);
  const arms = listArms(experiment, words);
  const about = { rows, arms, state, isDeclared, words };
  const confidence = percentText(1 - experiment.plan.alpha);
  const intervals = words.experimentResults.metrics.intervals[experiment.plan.mode]({ confidence });
  const title = text.dimensions[dimension.dimension];
  if (rows.length === 0)
    return (
      <ChartFrame flush level={2} title={title} sub={text.hints[dimension.dimension]} table={toTable(about, title)}>
        <div className="border-t border-line">
          <EmptyState title={text.nothing}>{text.nothingDetail}</EmptyState>
        </div>
      </ChartFrame>
    );
  return (
    <ChartFrame
      flush
      level={isDeclared ? 2 : 3}
      title={title}
      badge={isDeclared && state === "early" ? <StateBadge state="holding">{text.early}</StateBadge> : undefined}
      sub={isDeclared ? text.declaredSub({ intervals }) : text.exploratorySub({ intervals })}
      legend={arms.map((arm) => (
        <span key={arm.key} className="max-lg:hidden">
          <LegendItem tone={arm.tone}>{words.experiments.group({ group: arm.group, arm: arm.name })}</LegendItem>
        </span>
      ))}
      table={toTable(about, `${words.experiments.numbered({ number: experiment.number })} ${title}`)}
      footnotes={[
        ...(isDeclared ? acrossNotes(dimension, { arms, state, words }, experiment.plan.alpha) : [`${text.exploratory}.`]),
        text.unit,
      ]}
    >
      <DataTable caption={title} phone="cards" rows={rows} rowKey={(row) => row.id} columns={columnsOf(about)} />
    </ChartFrame>
  );
}

/** Whether the effect differs between the segments; before the analysis that counts, its p-value without a word for it. */
function acrossNotes(
  { heterogeneity }: SegmentsOfDimension,
  { arms, state, words }: { arms: readonly ArmView[]; state: ExperimentSegments["state"]; words: Words },
  alpha: number,
): string[] {
  const text = words.segments;
  return heterogeneity.flatMap(({ treatment, adjustedPValue }) => {
    if (adjustedPValue === null) return [];
    const about = { treatment: arms.find(({ key }) => key === treatment)?.name ?? treatment, p: pSentence(adjustedPValue) };
    if (state !== "counts") return [text.across(about)];
    return [adjustedPValue < alpha ? text.differs(about) : text.same(about)];
  });
}

type About = {
  rows: readonly SegmentRow[];
  arms: readonly ArmView[];
  state: ExperimentSegments["state"];
  isDeclared: boolean;
  words: Words;
};

function columnsOf({ rows, arms, state, isDeclared, words }: About): Column<SegmentRow>[] {
  const text = words.segments;
  const metrics = words.experimentResults.metrics;
  const armOf = ({ comparison }: SegmentRow) => arms.find(({ key }) => key === comparison.treatment);
  const ends = rows.flatMap(({ comparison: { liftRatio, liftInterval } }) => [
    liftRatio,
    liftInterval?.low ?? null,
    liftInterval?.high ?? null,
  ]);
  const within = ends.map((end) => (end === null ? null : end * 100));
  const columns: Column<SegmentRow>[] = [
    {
      id: "segment",
      head: text.segment,
      phone: "title",
      cell: (row) => (
        <>
          <span className="font-medium wrap-anywhere">{row.segment}</span>
          {arms.length > 2 && (
            <CellNote>
              <LegendItem tone={armOf(row)?.tone ?? "treatment"}>{armOf(row)?.name}</LegendItem>
            </CellNote>
          )}
          {row.broken.map((metric) => (
            <CellNote key={metric} className="text-bad-ink">
              {text.guardrailBroken({ metric })}
            </CellNote>
          ))}
        </>
      ),
    },
    {
      id: "subjects",
      align: "right",
      head: text.subjects,
      cell: ({ comparison: { control, treated } }) => (
        <span className="whitespace-nowrap text-ink-2">
          {formatNumber(control.subjects)} / {formatNumber(treated.subjects)}
        </span>
      ),
    },
    {
      id: "means",
      align: "right",
      head: text.means,
      cell: ({ comparison: { metric, control, treated } }) => (
        <span className="whitespace-nowrap">
          {text.value({
            control: valueText(metric, control.mean, [treated.mean]),
            treatment: valueText(metric, treated.mean, [control.mean]),
          })}
        </span>
      ),
    },
    {
      id: "difference",
      align: "right",
      head: metrics.difference,
      cell: ({ comparison }) => <Difference comparison={comparison} words={words} />,
    },
    {
      id: "picture",
      head: text.picture,
      width: "32%",
      phone: "wide",
      cell: (row) => <Picture row={row} arm={armOf(row)} within={within} words={words} />,
    },
  ];
  if (!isDeclared)
    return [
      ...columns,
      {
        id: "exploratory",
        head: text.kind,
        phone: "corner",
        cell: () => <span className="text-ink-3">{text.exploratoryShort}</span>,
      },
    ];
  return [
    ...columns,
    {
      id: "verdict",
      head: metrics.verdict,
      phone: "corner",
      cell: ({ comparison }) => <StandingBadge comparison={comparison} state={state} words={words} />,
    },
  ];
}

function StandingBadge({
  comparison,
  state,
  words,
}: Pick<SegmentRow, "comparison"> & { state: ExperimentSegments["state"]; words: Words }) {
  const standing = segmentStanding(comparison, state);
  if (standing === "tooFew") return <StateBadge state="no_data">{words.segments.tooFew}</StateBadge>;
  // What a failed check or an A/A test leaves unsaid has its own note above the cards.
  if (standing === "early" && state !== "early") return null;
  return <StateBadge state={STANDING_STATES[standing]}>{words.experimentResults.standing[standing]}</StateBadge>;
}

function Difference({ comparison, words }: Pick<SegmentRow, "comparison"> & { words: Words }) {
  const { metric, liftRatio, liftInterval, difference, interval, treated, status } = comparison;
  if (status === "too_few") return <span className="text-ink-3">{dash}</span>;
  // A control of 0 has no lift: what is left is the difference itself.
  const isRelative = liftRatio !== null;
  const write = (value: number | null) => (isRelative ? liftChange(value, liftInterval) : differenceText(metric, value, [treated.mean]));
  const range = isRelative ? liftInterval : interval;
  const text = words.experimentResults.metrics;
  return (
    <>
      <b className="font-[550]">{write(isRelative ? liftRatio : difference)}</b>
      <CellNote>{range === null ? text.noPicture : text.range({ low: write(range.low), high: write(range.high) })}</CellNote>
    </>
  );
}

type PictureProps = { row: SegmentRow; arm: ArmView | undefined; within: readonly (number | null)[]; words: Words };

function Picture({ row, arm, within, words }: PictureProps) {
  const text = words.experimentResults.metrics;
  const { metric, liftRatio, liftInterval, status } = row.comparison;
  if (status === "too_few") return <span className="text-small text-ink-3">{words.segments.tooFewDetail}</span>;
  if (liftRatio === null || liftInterval === null) return <span className="text-small text-ink-3">{text.noPicture}</span>;
  const lift = (value: number) => liftChange(value, liftInterval);
  return (
    <IntervalPlot
      tone={arm?.tone}
      label={text.pictureText({
        metric: `${row.segment}, ${metricText(metric, words)}`,
        treatment: arm?.name ?? "",
        lift: lift(liftRatio),
        low: lift(liftInterval.low),
        high: lift(liftInterval.high),
      })}
      estimate={liftRatio * 100}
      low={liftInterval.low * 100}
      high={liftInterval.high * 100}
      margin={metric.practicalMargin > 0 ? metric.practicalMargin * 100 : null}
      within={within}
      unit="%"
    />
  );
}

function toTable({ rows, arms, state, isDeclared, words }: About, name: string): ChartTable {
  const text = words.experimentResults.metrics;
  const at = (value: number | null, shown: string | null): ChartCell => (value === null || shown === null ? null : { text: shown, value });
  const { facts, arms: groups } = words.experiments;
  return {
    name,
    head: [
      words.segments.segment,
      text.group,
      groups.subjects,
      groups.subjects,
      words.experiments.control,
      words.experiments.treatment,
      text.absolute,
      facts.lift,
      text.low,
      text.high,
      facts.p,
      text.adjusted,
      ...(isDeclared ? [text.verdict] : []),
    ],
    rows: rows.map(({ segment, comparison }) => {
      const { metric, control, treated, difference, liftRatio, liftInterval, pValue, adjustedPValue } = comparison;
      const lift = (value: number | null) => at(value, liftChange(value, liftInterval));
      const standing = segmentStanding(comparison, state);
      return [
        segment,
        arms.find(({ key }) => key === comparison.treatment)?.name ?? comparison.treatment,
        at(control.subjects, formatNumber(control.subjects)),
        at(treated.subjects, formatNumber(treated.subjects)),
        at(control.mean, valueText(metric, control.mean, [treated.mean])),
        at(treated.mean, valueText(metric, treated.mean, [control.mean])),
        at(difference, differenceText(metric, difference, [control.mean, treated.mean])),
        lift(liftRatio),
        lift(liftInterval?.low ?? null),
        lift(liftInterval?.high ?? null),
        at(pValue, pText(pValue)),
        at(adjustedPValue, pText(adjustedPValue)),
        ...(isDeclared ? [standing === "tooFew" ? words.segments.tooFew : words.experimentResults.standing[standing]] : []),
      ];
    }),
  };
}
