"use client";

import { CsvButton } from "@/components/charts/chart-frame";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { Note } from "@/components/ui/note";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { useLive } from "@/lib/client/use-api";
import type { Words } from "@/lib/core/words";
import { type Experiment, type ExperimentSegments, getExperimentSegments } from "@/lib/domain/experiments/api";
import { HarmedNote } from "./harmed-note";
import { SegmentsCard } from "./segments-card";
import { SEGMENTS_CSV_HEAD, toSegmentCsvRows } from "./segments-model";

type Props = { experiment: Experiment; project: string; initial: ExperimentSegments; planHref: string };

/** The effect within parts of the traffic: those that the plan declares first, the others folded and marked as found by looking. */
export function SegmentsTab({ experiment, project, initial, planHref }: Props) {
  const words = useWords();
  const text = words.segments;
  const look = useLive(
    getExperimentSegments,
    { project, params: { id: experiment.id } },
    { initial, everyMs: experiment.state === "running" ? 10_000 : 60_000 },
  );
  const segments = look.data;
  const declared = segments.dimensions.filter(({ isDeclared }) => isDeclared);
  const others = segments.dimensions.filter(({ isDeclared }) => !isDeclared);
  const csv = {
    name: `experiment-${experiment.number}-segments`,
    head: SEGMENTS_CSV_HEAD,
    rows: toSegmentCsvRows(experiment, segments),
  };
  if (segments.state === "waiting" || segments.state === "quantile")
    return (
      <Card>
        <CardHead title={text.title} />
        <EmptyState title={text[segments.state]}>{segments.state === "waiting" ? text.waitingDetail : text.quantileDetail}</EmptyState>
      </Card>
    );
  return (
    <>
      {look.isError && (
        <Note tone="hold" role="status">
          {text.unread}
        </Note>
      )}
      <StateNote state={segments.state} words={words} />
      <HarmedNote experiment={experiment} harmed={segments.harmed} />
      <div className="flex flex-wrap items-center justify-between gap-2 text-small text-ink-3">
        <ReadAt at={segments.readAt} words={words} />
        <CsvButton table={csv} />
      </div>
      {declared.length === 0 && (
        <Card>
          <CardHead title={text.noneDeclared} />
          <CardBody className="text-ink-2">
            {text.noneDeclaredDetail} <TextLink href={planHref}>{words.experimentResults.plan.all}</TextLink>
          </CardBody>
        </Card>
      )}
      {declared.map((dimension) => (
        <SegmentsCard key={dimension.dimension} experiment={experiment} segments={segments} dimension={dimension} />
      ))}
      {others.length > 0 && (
        <details className="group">
          <summary className="cursor-pointer rounded-control py-1 text-h2 font-semibold pointer-coarse:min-h-11">
            {text.exploratoryTitle}
            <span className="ml-2 text-small font-normal text-ink-3">{text.exploratory}</span>
          </summary>
          <div className="mt-3 flex flex-col gap-(--gap-page)">
            <Note>{text.exploratoryAbout}</Note>
            {others.map((dimension) => (
              <SegmentsCard key={dimension.dimension} experiment={experiment} segments={segments} dimension={dimension} />
            ))}
          </div>
        </details>
      )}
    </>
  );
}

/** Why nothing is called better or worse. */
function StateNote({ state, words }: { state: ExperimentSegments["state"]; words: Words }) {
  const text = words.segments;
  if (state !== "early" && state !== "doubtful" && state !== "aa") return null;
  const detail = { early: text.earlyDetail, doubtful: text.doubtfulDetail, aa: text.aaDetail }[state];
  return (
    <Note tone="hold" title={text[state]}>
      {detail}
    </Note>
  );
}

function ReadAt({ at, words }: { at: string | null; words: Words }) {
  if (at === null) return <span />;
  // The instant is an element of its own, so that its exact form stands on hover.
  const [before, after] = words.segments.readAt({ at: "\u0000" }).split("\u0000");
  return (
    <span>
      {before}
      <RelativeTime at={at} />
      {after}
    </span>
  );
}
