"use client";

import { useQuery } from "@tanstack/react-query";
import { useAddressChoice } from "@/components/shell/use-address-choice";
import { useWords } from "@/components/shell/words-provider";
import { call } from "@/lib/client/call";
import { MAX_PAGE_SIZE } from "@/lib/contracts/endpoint";
import { type Analysis, type Experiment, listExperimentLooks, type TreatmentName } from "@/lib/domain/experiments/api";
import type { CurvePoint } from "./curve";
import { metricKey, metricText } from "./results-model";

type Metric = Experiment["metric"];

const metricsOf = ({ metric, guardrails, signals }: Experiment): Metric[] => [metric, ...guardrails, ...signals];

/** The metric that the address names, else the primary one. */
function useChosen(experiment: Experiment) {
  const metrics = metricsOf(experiment);
  const keys = metrics.map(metricKey);
  const { choice, setChoice } = useAddressChoice("metric", keys);
  const metric = metrics.find((each) => metricKey(each) === choice) ?? experiment.metric;
  return { metric, metrics, setChoice };
}

/** The curve's metric, as a choice where there is one. */
export function CurveChoice({ experiment, metric }: { experiment: Experiment; metric: Metric }) {
  const words = useWords();
  const { metrics, setChoice } = useChosen(experiment);
  if (metrics.length < 2) return null;
  return (
    <select
      aria-label={words.experimentResults.curve.metric}
      value={metricKey(metric)}
      onChange={(event) => setChoice(event.target.value === metricKey(experiment.metric) ? null : event.target.value)}
      className="h-7 max-w-[220px] rounded-control border border-control-line bg-surface px-1.5 text-small text-ink max-md:h-11"
    >
      {metrics.map((each) => (
        <option key={metricKey(each)} value={metricKey(each)}>
          {metricText(each, words)}
        </option>
      ))}
    </select>
  );
}

type Wanted = { experiment: Experiment; project: string; looks: number; treatment: TreatmentName };

/** The chosen metric and its points over the kept looks; `curve` is null for the primary one, whose points come with the results. */
export function useCurveMetric({ experiment, project, looks, treatment }: Wanted) {
  const { metric } = useChosen(experiment);
  const key = metricKey(metric);
  const isPrimary = key === metricKey(experiment.metric);
  const answer = useQuery({
    queryKey: ["looks", experiment.id, looks],
    queryFn: ({ signal }) => readLooks({ project, id: experiment.id, signal }),
    enabled: !isPrimary,
    retry: false,
    placeholderData: (earlier) => earlier,
  });
  if (isPrimary) return { metric, curve: null, state: "known" as const };
  if (answer.data === undefined) return { metric, curve: null, state: answer.isError ? ("unread" as const) : ("reading" as const) };
  return { metric, curve: answer.data.flatMap((look) => toPoint(look, key, treatment)), state: "known" as const };
}

async function readLooks({ project, id, signal }: { project: string; id: string; signal: AbortSignal }): Promise<Analysis[]> {
  const looks: Analysis[] = [];
  let cursor: string | undefined;
  do {
    const answer = await call(listExperimentLooks, { project, params: { id }, query: { limit: MAX_PAGE_SIZE, cursor }, signal });
    if (!answer.ok) throw new Error(answer.problem?.title ?? "no answer");
    looks.push(...answer.data.items);
    cursor = answer.data.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return looks.reverse();
}

function toPoint({ at, comparisons }: Analysis, key: string, name: TreatmentName): CurvePoint[] {
  const found = comparisons.find(({ metric, treatment }) => treatment === name && metricKey(metric) === key);
  if (found === undefined) return [];
  const { liftRatio, liftInterval, control, treated } = found;
  return [
    {
      atMs: Date.parse(at),
      lift: liftRatio,
      low: liftInterval?.low ?? null,
      high: liftInterval?.high ?? null,
      subjects: control.subjects + treated.subjects,
    },
  ];
}
