"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead, MainAside } from "@/components/ui/card";
import { StateBadge } from "@/components/ui/state-badge";
import type { Words } from "@/lib/core/words";
import type { Experiment, ExperimentResults } from "@/lib/domain/experiments/api";
import { ConcludeCard, PlanBrief } from "./brief-cards";
import { ComparisonCard } from "./comparison-card";
import { countScores, shownAnalysis } from "./experiment-look";
import { HistoryCard } from "./history-card";
import { PlanTiles } from "./plan-tiles";
import { TrustCard } from "./trust-card";
import { VariantsCard } from "./variants-card";

type Props = { experiment: Experiment; results: ExperimentResults; project: string; planHref: string; isDemo: boolean };

/** The numbers that made the verdict: against the plan, against their limits, over time, and whether they can be trusted. */
export function ResultsTab({ experiment, results, project, planHref, isDemo }: Props) {
  const words = useWords();
  const analysis = shownAnalysis(results);
  // What describes the arms and the measurement is as of now, like what the log saw; what decides is the analysis that counts.
  const latest = results.current ?? analysis;
  const isFixed = experiment.plan.mode === "fixed";
  const isEarly = isFixed && results.planned === null;
  const { scores, verdict } = words.experiments;
  const metric = experiment.metric.name;
  const isUnscored = experiment.metric.source === "score" && experiment.state === "running" && countOf(results) === 0;
  return (
    <>
      <PlanTiles experiment={experiment} results={results} />
      {isUnscored && (
        <Card>
          <CardHead title={scores.title} sub={metric} />
          <CardBody className="text-ink-2">{scores.none({ metric })}</CardBody>
        </Card>
      )}
      {analysis !== null && (
        <ComparisonCard
          experiment={experiment}
          analysis={analysis}
          isEarly={isEarly}
          badge={isEarly ? <StateBadge state="holding">{verdict.early}</StateBadge> : undefined}
          footnotes={notesOf(results, words).concat(
            results.planned !== null && experiment.state === "running" && isFixed ? [verdict.laterDetail] : [],
          )}
        />
      )}
      <MainAside
        aside={
          <>
            {latest !== null && <TrustCard experiment={experiment} results={results} analysis={latest} />}
            <PlanBrief experiment={experiment} href={planHref} isDemo={isDemo} />
            {experiment.state !== "concluded" && <ConcludeCard experiment={experiment} />}
          </>
        }
      >
        <HistoryCard experiment={experiment} results={results} project={project} />
        {latest !== null && <VariantsCard experiment={experiment} results={results} analysis={latest} />}
      </MainAside>
    </>
  );
}

function notesOf({ rowsDeletedAt }: ExperimentResults, words: Words): string[] {
  return rowsDeletedAt === null ? [] : [words.experimentResults.deleted({ day: rowsDeletedAt.slice(0, 10) })];
}

/** Scores that came at all: counted, waiting or set aside. */
function countOf({ current, unjoined }: ExperimentResults): number {
  return (current === null ? 0 : countScores(current)) + unjoined.pending + unjoined.setAside;
}
