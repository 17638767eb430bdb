"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { type CheckItem, CheckList } from "@/components/ui/lists";
import type { StateName } from "@/components/ui/state-look";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatPercent } from "@/lib/core/words/format";
import type { Analysis, Check, Experiment, ExperimentResults, ExposureView } from "@/lib/domain/experiments/api";
import { countScores, pSentence } from "./experiment-look";
import { checkSentence } from "./verdict-text";

const STATES: Record<Check["status"], StateName> = { pass: "pass", warn: "warning", fail: "fail" };
const ORDER: Record<Check["status"], number> = { fail: 0, warn: 1, pass: 2 };

type Props = { experiment: Experiment; results: ExperimentResults; analysis: Analysis };

/** What speaks before the metrics do: what failed first, then warnings, then what was looked at and is well. */
export function TrustCard({ experiment, results, analysis }: Props) {
  const words = useWords();
  const text = words.experimentResults.trust;
  const checks = analysis.checks
    .toSorted((a, b) => ORDER[a.status] - ORDER[b.status])
    .map(
      (check): CheckItem => ({
        id: `${check.code} ${check.arm} ${check.metric}`,
        state: STATES[check.status],
        ...describe(check, results.exposure, words),
      }),
    );
  const items = experiment.metric.source === "score" ? [...checks, scoresItem(results, words)] : checks;
  return (
    <Card>
      <CardHead title={text.title} />
      <CardBody>{items.length === 0 ? <p className="text-ink-2">{text.none}</p> : <CheckList label={text.title} items={items} />}</CardBody>
    </Card>
  );
}

/** What a check that passed has seen; what did not pass is its sentence. */
function describe(check: Check, exposure: ExposureView | null, words: Words): Pick<CheckItem, "title" | "detail"> {
  const text = words.experimentResults.trust;
  if (check.status !== "pass") return { title: words.experiments.checks.names[check.code], detail: checkSentence(check, words) };
  const sum = (count: (arm: ExposureView["arms"][number]) => number) => (exposure?.arms ?? []).reduce((all, arm) => all + count(arm), 0);
  const subjects = sum((arm) => arm.subjects);
  switch (check.code) {
    case "sample_ratio": {
      const ratio = exposure?.sampleRatio ?? null;
      const detail =
        ratio === null
          ? undefined
          : text.sampleRatioDetail({ chi: formatNumber(ratio.statistic, { digits: 2 }), p: pSentence(ratio.pValue), limit: "0.001" });
      return { title: text.sampleRatio, detail };
    }
    case "crossed_subjects":
      return {
        title: text.crossed,
        detail:
          exposure === null ? undefined : text.crossedDetail({ count: formatNumber(exposure.crossedSubjects), of: formatNumber(subjects) }),
      };
    case "served_elsewhere": {
      const requests = sum((arm) => arm.requests);
      const share = formatPercent(requests === 0 ? null : sum((arm) => arm.servedElsewhere) / requests, { digits: 2 });
      return { title: text.served, detail: requests === 0 ? undefined : text.servedDetail({ share }) };
    }
    case "missing_scores": {
      const shares = (exposure?.arms ?? []).flatMap((arm) =>
        arm.scoredSubjects === null || arm.subjects === 0 ? [] : [formatPercent(Math.min(1, arm.scoredSubjects / arm.subjects))],
      );
      return { title: text.scored, detail: shares.length === 0 ? undefined : text.scoredDetail({ shares: shares.join(" / ") }) };
    }
    case "partial_week":
      return { title: text.week, detail: text.weekDetail };
    case "quiet_days":
      return { title: text.days, detail: text.daysDetail };
    case "novelty":
      return { title: text.novelty, detail: text.noveltyDetail };
  }
}

/** Where the scores of the metric went: used, waiting, set aside. */
function scoresItem({ current, unjoined }: ExperimentResults, words: Words): CheckItem {
  const text = words.experimentResults.trust;
  const used = current === null ? 0 : countScores(current);
  const counted = text.scoresDetail({ used: used === 1 ? 1 : formatNumber(used) });
  if (unjoined.setAside > 0)
    return {
      id: "scores",
      state: "warning",
      title: text.scoresLost({ count: unjoined.setAside === 1 ? 1 : formatNumber(unjoined.setAside) }),
      detail: text.scoresLostDetail,
    };
  const waiting = unjoined.pending === 0 ? "" : `, ${text.scoresPending({ pending: formatNumber(unjoined.pending) })}`;
  return { id: "scores", state: "pass", title: text.scores, detail: `${counted}${waiting}` };
}
