"use client";

import { type ChartCell, ChartFrame, type ChartTable } from "@/components/charts/chart-frame";
import { IntervalPlot } from "@/components/charts/interval-plot";
import { useWords } from "@/components/shell/words-provider";
import { CellNote, type Column, DataTable } from "@/components/ui/data-table";
import { LegendItem } from "@/components/ui/split-bar";
import { StateBadge } from "@/components/ui/state-badge";
import type { StateName } from "@/components/ui/state-look";
import { Term } from "@/components/ui/tooltip";
import type { Words } from "@/lib/core/words";
import { formatNumber } from "@/lib/core/words/format";
import type { Analysis, Experiment } from "@/lib/domain/experiments/api";
import { marginText, percentText, pText } from "./experiment-look";
import {
  type ArmView,
  type Comparison,
  differenceText,
  guardrailLimit,
  liftChange,
  limitOf,
  listArms,
  listComparisons,
  metricText,
  type Standing,
  standingOf,
  valueText,
} from "./results-model";

export const STANDING_STATES: Record<Standing, StateName> = {
  early: "holding",
  unmeasured: "no_data",
  few: "no_data",
  doubtful: "inconclusive",
  better: "better",
  worse: "worse",
  equal: "no_meaningful_difference",
  small: "no_meaningful_difference",
  unclear: "inconclusive",
  holds: "holds",
  open: "inconclusive",
  broken: "past_limit",
};

type Props = { experiment: Experiment; analysis: Analysis; isEarly: boolean; badge?: React.ReactNode; footnotes?: readonly string[] };

/** What decides and what can veto, each with its interval against its limit; what is only looked at stands last. */
export function ComparisonCard({ experiment, analysis, isEarly, badge, footnotes = [] }: Props) {
  const words = useWords();
  const text = words.experimentResults.metrics;
  const arms = listArms(experiment, words);
  const rows = listComparisons(analysis, experiment.metric, experiment.plan);
  // What several metrics share is corrected: its level is the plan's. One alone has its own.
  const confidence = percentText(rows.length === 1 ? analysis.confidence : 1 - experiment.plan.alpha);
  const isSequential = experiment.plan.mode === "sequential";
  const kind = isSequential ? text.intervals.sequential({ confidence }) : text.intervals.fixed({ confidence });
  const sub = rows.length === 1 ? kind : text.corrected({ intervals: kind });
  const margin = experiment.metric.practicalMargin;
  return (
    <ChartFrame
      flush
      level={2}
      title={rows.length === 1 ? text.titleAlone : text.title}
      badge={badge}
      sub={<Term name={isSequential ? "alwaysValid" : "welch"}>{sub}</Term>}
      legend={arms.map((arm) => (
        <span key={arm.key} className="max-lg:hidden">
          <LegendItem tone={arm.tone}>{words.experiments.group({ group: arm.group, arm: arm.name })}</LegendItem>
        </span>
      ))}
      table={toTable(rows, { arms, isEarly, words, name: words.experiments.numbered({ number: experiment.number }) })}
      footnotes={[...(margin > 0 ? [text.margin({ margin: marginText(margin) })] : []), ...footnotes]}
    >
      <DataTable caption={text.title} phone="cards" rows={rows} rowKey={(row) => row.id} columns={columnsOf({ arms, isEarly, words })} />
    </ChartFrame>
  );
}

type About = { arms: readonly ArmView[]; isEarly: boolean; words: Words };

function columnsOf({ arms, isEarly, words }: About): Column<Comparison>[] {
  const text = words.experimentResults.metrics;
  const several = arms.length > 2;
  const [control] = arms;
  const only = several ? undefined : arms[1];
  const armOf = (row: Comparison) => arms.find(({ key }) => key === row.treatment);
  return [
    {
      id: "metric",
      head: text.metric,
      phone: "title",
      cell: (row) => (
        <>
          <span className="font-medium">{metricText(row.metric, words)}</span>
          <CellNote>{roleText(row, words)}</CellNote>
          {several && (
            <CellNote>
              <LegendItem tone={armOf(row)?.tone ?? "treatment"}>{armOf(row)?.name}</LegendItem>
            </CellNote>
          )}
        </>
      ),
    },
    {
      id: "control",
      align: "right",
      head: control?.group ?? words.experiments.control,
      cell: (row) => <span className="text-ink-2">{valueText(row.metric, row.control.mean, [row.arm.mean])}</span>,
    },
    {
      id: "treatment",
      align: "right",
      head: only?.group ?? words.experiments.treatment,
      cell: (row) => <b className="font-[550]">{valueText(row.metric, row.arm.mean, [row.control.mean])}</b>,
    },
    {
      id: "difference",
      align: "right",
      head: text.difference,
      cell: ({ metric, result, arm }) => {
        const { liftRatio, liftInterval, difference, interval } = result;
        // A control of 0 has no lift: what is left is the difference itself.
        const isRelative = liftRatio !== null;
        const write = (value: number | null) => (isRelative ? liftChange(value, liftInterval) : differenceText(metric, value, [arm.mean]));
        const range = isRelative ? liftInterval : interval;
        return (
          <>
            <b className="font-[550]">{write(isRelative ? liftRatio : difference)}</b>
            <CellNote>{range === null ? text.noPicture : text.range({ low: write(range.low), high: write(range.high) })}</CellNote>
          </>
        );
      },
    },
    {
      id: "picture",
      head: text.picture,
      width: "34%",
      phone: "wide",
      cell: (row) => <Picture row={row} tone={armOf(row)} words={words} />,
    },
    {
      id: "verdict",
      head: text.verdict,
      phone: "corner",
      cell: (row) => {
        const standing = standingOf(row, isEarly);
        return (
          <>
            <StateBadge state={STANDING_STATES[standing]}>{words.experimentResults.standing[standing]}</StateBadge>
            {standing === "few" && <CellNote>{text.fewNote({ count: formatNumber(row.missing) })}</CellNote>}
          </>
        );
      },
    },
  ];
}

function Picture({ row, tone: arm, words }: { row: Comparison; tone: ArmView | undefined; words: Words }) {
  const text = words.experimentResults.metrics;
  const { metric, role, result } = row;
  const { liftRatio, liftInterval } = result;
  if (liftRatio === null || liftInterval === null) return <span className="text-small text-ink-3">{text.noPicture}</span>;
  const limit = limitOf(row);
  const lift = (value: number) => liftChange(value, liftInterval);
  const picture = text.pictureText({
    metric: metricText(metric, words),
    treatment: arm?.name ?? "",
    lift: lift(liftRatio),
    low: lift(liftInterval.low),
    high: lift(liftInterval.high),
  });
  return (
    <IntervalPlot
      primary={role === "primary"}
      tone={arm?.tone}
      label={limit === null ? picture : text.pictureLimit({ picture, limit: limit.text })}
      estimate={liftRatio * 100}
      low={liftInterval.low * 100}
      high={liftInterval.high * 100}
      limit={limit === null ? null : limit.ratio * 100}
      direction={metric.direction === "lower" ? "max" : "min"}
      limitText={limit === null ? undefined : text.limit({ limit: limit.text })}
      margin={role !== "guardrail" && metric.practicalMargin > 0 ? metric.practicalMargin * 100 : null}
      unit="%"
    />
  );
}

function roleText(row: Comparison, words: Words): string {
  const text = words.experimentResults.metrics;
  const direction = words.experiments[row.metric.direction];
  if (row.role === "primary") return text.primary({ direction });
  if (row.role === "signal") return text.signal({ direction });
  return guardrailLimit(row.metric, words);
}

function standingText(row: Comparison, { isEarly, words }: Omit<About, "arms">): string {
  const standing = standingOf(row, isEarly);
  const text = words.experimentResults.standing[standing];
  return standing === "few" ? `${text}: ${words.experimentResults.metrics.fewNote({ count: formatNumber(row.missing) })}` : text;
}

function toTable(rows: readonly Comparison[], { arms, isEarly, words, name }: About & { name: string }): ChartTable {
  const text = words.experimentResults.metrics;
  const at = (value: number | null, shown: string | null): ChartCell => (value === null || shown === null ? null : { text: shown, value });
  const facts = words.experiments.facts;
  return {
    name,
    head: [
      text.metric,
      text.role,
      text.group,
      words.experiments.control,
      words.experiments.treatment,
      text.absolute,
      facts.lift,
      text.low,
      text.high,
      facts.p,
      text.adjusted,
      text.verdict,
    ],
    rows: rows.map((row) => {
      const { metric, role, control, arm, result } = row;
      const { liftRatio, liftInterval, difference, pValue, adjustedPValue } = result;
      const lift = (value: number | null) => at(value, liftChange(value, liftInterval));
      return [
        metricText(metric, words),
        words.experiments.metrics.roles[role],
        arms.find(({ key }) => key === row.treatment)?.name ?? row.treatment,
        at(control.mean, valueText(metric, control.mean, [arm.mean])),
        at(arm.mean, valueText(metric, arm.mean, [control.mean])),
        at(difference, differenceText(metric, difference, [control.mean, arm.mean])),
        lift(liftRatio),
        lift(liftInterval?.low ?? null),
        lift(liftInterval?.high ?? null),
        at(pValue, pText(pValue)),
        at(adjustedPValue, pText(adjustedPValue)),
        standingText(row, { isEarly, words }),
      ];
    }),
  };
}
