import type { Spread } from "@/lib/core/stats";
import type { DriftContent, DriftFeatureLine, DriftFeatureResult } from "../api";
import type { FrozenSettings } from "./settings";
import { type ComparedFeature, DRIFT_VERDICTS, type FeatureJudgement, judgeFeatures, worstVerdict } from "./verdict";

type Head = Pick<DriftContent, "monitor" | "endpoint" | "reference" | "current"> & { readonly settings: FrozenSettings };

/** The report's content from what was compared: judged, worst feature first. */
export function buildContent(compared: readonly ComparedFeature[], { settings, ...head }: Head): DriftContent {
  const judgements = judgeFeatures(compared, settings);
  const features = compared.flatMap((feature, index) => {
    const judgement = judgements[index];
    return judgement === undefined ? [] : [toResult(feature, judgement)];
  });
  const rank = (verdict: DriftFeatureResult["verdict"]) => DRIFT_VERDICTS.indexOf(verdict);
  features.sort((a, b) => rank(b.verdict) - rank(a.verdict) || (b.psi ?? -1) - (a.psi ?? -1) || (a.feature < b.feature ? -1 : 1));
  return {
    ...head,
    filter: { outcomes: settings.outcomes, release: settings.release },
    limits: settings.limits,
    minSamples: settings.minSamples,
    verdict: worstVerdict(judgements.map(({ verdict }) => verdict)),
    features,
  };
}

function toResult(
  { feature, comparison, referenceMissing, currentMissing }: ComparedFeature,
  judged: FeatureJudgement,
): DriftFeatureResult {
  const { psi, ks, bins, picture } = comparison;
  const spread = (side: Spread, missing: number) => ({ ...side, missing });
  return {
    feature,
    verdict: judged.verdict,
    reason: judged.reason,
    reference: spread(comparison.reference, referenceMissing),
    current: spread(comparison.current, currentMissing),
    psi,
    psiChance: judged.psiChance,
    ks: ks === null ? null : { ...ks, pCorrected: judged.pCorrected },
    bins: bins.map(({ lower, upper, referenceCount, currentCount, contribution }) => ({
      lower,
      upper,
      referenceCount,
      currentCount,
      contribution,
    })),
    picture: [...picture],
  };
}

/** One line a feature, for lists. A feature with too few values has no figures there: a small sample's PSI says nothing. */
export function toLines(content: DriftContent): DriftFeatureLine[] {
  return content.features.map(({ feature, verdict, psi, ks }) => ({
    feature,
    verdict,
    psi: verdict === "too_few" ? null : psi,
    ksStatistic: verdict === "too_few" ? null : (ks?.statistic ?? null),
  }));
}
