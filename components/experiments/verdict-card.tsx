"use client";

import { Flag, GitBranch, Hourglass } from "lucide-react";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { stateLook } from "@/components/ui/state-look";
import { Verdict } from "@/components/ui/verdict";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatPercent } from "@/lib/core/words/format";
import type { Analysis, Experiment, ExperimentResults, TreatmentName } from "@/lib/domain/experiments/api";
import { useExperimentAct, whyNot } from "./experiment-controls";
import { armOf, armText, liftText, type Pair, pairOf, pSentence, scoreDigits, shownAnalysis, spokenOf } from "./experiment-look";
import { listComparisons, metricText, standingOf } from "./results-model";
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
  const look = stateLook[verdict];
  const analysis = shownAnalysis(results);
  const pair = pairOf(analysis, spokenOf(judged));
  const isOver = experiment.state !== "running";
  const sentences = reasonSentences(judged.reasons, { words, locale });
  return (
    <Verdict
      tone={look.role === "active" ? "hold" : look.role}
      icon={verdict === "keep_running" ? Hourglass : look.icon}
      title={verdictTitle(judged, { words, locale })}
      action={<NextStep experiment={experiment} scope={scope} verdict={verdict} />}
    >
      {pair !== null && analysis !== null && (
        <p>
          {evidence(pair, { metric: experiment.metric.name, confidence: analysis.confidence }, words)}{" "}
          {guardrailText({ experiment, analysis, treatment: pair.treatment }, words)}
        </p>
      )}
      {sentences.length > 0 && <p>{sentences.join(" ")}</p>}
      {results.planned !== null ? (
        <p className="text-ink-3">
          <Final analysis={results.planned.analysis} />
        </p>
      ) : isOver ? (
        <p className="text-ink-3">{text.notMade}</p>
      ) : experiment.plan.mode === "sequential" ? (
        <p className="text-ink-3">{words.experimentResults.evidence.sequentialEarly}</p>
      ) : (
        <p className="text-ink-3">
          <b className="font-semibold text-hold-ink">{text.early}.</b> {text.earlyDetail}
        </p>
      )}
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
  if (verdict === "keep_running" || whyNot("conclude", { experiment, scope, words }) !== null) return null;
  return (
    <Button icon={<Flag aria-hidden />} onClick={() => setAct("conclude")}>
      {words.experimentResults.evidence.decide}
    </Button>
  );
}

type Guarded = { experiment: Experiment; analysis: Analysis; treatment: TreatmentName };

/** That all guardrails hold; one that does not is a reason of its own. */
function guardrailText({ experiment, analysis, treatment }: Guarded, words: Words): string {
  const guardrails = listComparisons(analysis, experiment.metric, experiment.plan).filter(
    ({ role, treatment: own }) => role === "guardrail" && own === treatment,
  );
  const [first] = guardrails;
  if (first === undefined || guardrails.some((row) => standingOf(row, false) !== "holds")) return "";
  const text = words.experimentResults.evidence;
  return guardrails.length === 1
    ? text.guardrail({ metric: metricText(first.metric, words) })
    : text.guardrails({ count: guardrails.length });
}

/** Means and interval, as far as they are known. */
function evidence({ control, treated, lift, test }: Pair, about: { metric: string; confidence: number }, words: Words): string {
  const text = words.experiments.verdict;
  const { metric, confidence } = about;
  const digits = scoreDigits([control.mean, treated.mean]);
  const parts: string[] = [];
  if (control.mean !== null && treated.mean !== null)
    parts.push(text.means({ metric, control: formatNumber(control.mean, { digits }), treatment: formatNumber(treated.mean, { digits }) }));
  if (lift.interval !== null && test.pValue !== null)
    parts.push(
      text.interval({
        confidence: formatPercent(confidence, { digits: 0 }),
        low: liftText(lift.interval.low, lift),
        high: liftText(lift.interval.high, lift),
        p: pSentence(test.pValue),
      }),
    );
  return parts.join(" ");
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
