"use client";

import { Flag, GitBranch, Hourglass } from "lucide-react";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { stateLook } from "@/components/ui/state-look";
import { Verdict } from "@/components/ui/verdict";
import { formatNumber } from "@/lib/core/words/format";
import type { Analysis, Experiment, ExperimentResults } from "@/lib/domain/experiments/api";
import { useExperimentAct, whyNot } from "./experiment-controls";
import { armOf, armText, pairOf, shownAnalysis, spokenOf } from "./experiment-look";
import { evidenceText, guardrailText } from "./verdict-evidence";
import { reasonSentences, verdictTitle } from "./verdict-text";

type Props = { experiment: Experiment; results: ExperimentResults; scope: Scope };

/** The judgement with its evidence. What is looked at before the planned size says so in its first words. */
export function VerdictCard({ experiment, results, scope }: Props) {
  const words = useWords();
  const locale = useLocale();
  const text = words.experiments.verdict;
  if (experiment.state === "draft")
    return (
      <Verdict tone="idle" title={text.draft}>
        {text.draftDetail}
      </Verdict>
    );
  const { verdict: latest, reasons, winner, verdicts } = results;
  const judged = { ...experiment, ...(results.planned ?? { verdict: latest, reasons, winner, verdicts }) };
  const verdict = judged.verdict ?? (experiment.state === "running" ? "keep_running" : "cannot_tell");
  const isUndecided = verdict === "keep_running" && judged.isFinal;
  const look = stateLook[isUndecided ? "cannot_tell" : verdict];
  const analysis = shownAnalysis(results);
  const pair = pairOf(analysis, spokenOf(judged));
  const isEarly = experiment.plan.mode === "fixed" && results.planned === null;
  const sentences = reasonSentences(judged.reasons, { words, locale });
  return (
    <Verdict
      tone={look.role === "active" ? "hold" : look.role}
      icon={verdict === "keep_running" && !isUndecided ? Hourglass : look.icon}
      title={verdictTitle(judged, { words, locale })}
      action={<NextStep experiment={experiment} scope={scope} verdict={verdict} />}
    >
      {pair !== null && analysis !== null && (
        <p>
          {evidenceText(pair, { metric: experiment.metric, confidence: analysis.confidence }, words)}{" "}
          {guardrailText({ experiment, analysis, treatment: pair.treatment, isEarly }, words)}
        </p>
      )}
      {sentences.length > 0 && <p>{sentences.join(" ")}</p>}
      <Standing experiment={experiment} results={results} />
      {experiment.decision !== null && (
        <p>
          <b className="font-semibold">
            {text.decided({
              decision: words.experiments.decisions[experiment.decision],
              by: experiment.events.find((event) => event.kind === "concluded")?.actor ?? words.experiments.events.automatic,
            })}
          </b>{" "}
          {experiment.decisionReason !== null && `“${experiment.decisionReason}”`}
        </p>
      )}
    </Verdict>
  );
}

/** What follows from the verdict: a rollout of what won, unless somebody decided against it; else the decision, where one can be made. */
function NextStep({ experiment, scope, verdict }: Pick<Props, "experiment" | "scope"> & { verdict: NonNullable<Experiment["verdict"]> }) {
  const words = useWords();
  const { setAct } = useExperimentAct();
  const isAgainst = experiment.decision !== null && experiment.decision !== "deploy_treatment";
  if (verdict === "deploy_treatment" && !isAgainst) return <RollOut experiment={experiment} scope={scope} />;
  if ((verdict === "keep_running" && !experiment.isFinal) || whyNot("conclude", { experiment, scope, words }) !== null) return null;
  return (
    <Button icon={<Flag aria-hidden />} onClick={() => setAct("conclude")}>
      {words.experimentResults.evidence.decide}
    </Button>
  );
}

/** What these numbers are worth: of the analysis that counts, of a look before it, or of an end without it. */
function Standing({ experiment, results }: Pick<Props, "experiment" | "results">) {
  const words = useWords();
  const { verdict: text } = words.experiments;
  const { evidence } = words.experimentResults;
  if (results.planned !== null)
    return (
      <p className="text-ink-3">
        <Final analysis={results.planned.analysis} />
      </p>
    );
  if (experiment.state !== "running") return <p className="text-ink-3">{text.notMade}</p>;
  if (experiment.plan.mode === "sequential")
    return <p className="text-ink-3">{results.missing === null ? evidence.sequentialOpen : evidence.sequentialEarly}</p>;
  return (
    <p className="text-ink-3">
      <b className="font-semibold text-hold-ink">{text.early}.</b> {text.earlyDetail}
    </p>
  );
}

function Final({ analysis }: { analysis: Analysis }) {
  const words = useWords();
  // The instant is an element of its own, so that its exact form stands on hover.
  const [before, after] = words.experiments.verdict
    .final({
      at: "\u0000",
      counts: analysis.arms.map(({ subjects }) => formatNumber(subjects)).join(" / "),
    })
    .split("\u0000");
  return (
    <>
      {before}
      <RelativeTime at={analysis.at} />
      {after}
    </>
  );
}

function RollOut({ experiment, scope }: Pick<Props, "experiment" | "scope">) {
  const words = useWords();
  const { link } = useShell();
  const { release } = armOf(experiment.arms, experiment.winner ?? "treatment");
  return (
    <ButtonLink
      icon={<GitBranch aria-hidden />}
      href={link(
        `/${scope.project}/rollouts?new=1&endpoint=${experiment.endpoint.name}&release=${release.number}&experiment=${experiment.number}`,
      )}
    >
      {words.experiments.verdict.rollOut({ release: armText({ release, variant: null }, words) })}
    </ButtonLink>
  );
}
