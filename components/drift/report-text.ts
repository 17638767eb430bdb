import type { Words } from "@/lib/core/words";
import { formatNumber, formatPercent, formatPoints, space } from "@/lib/core/words/format";
import type { DriftContent, DriftFeatureResult } from "@/lib/domain/drift/api";
import { featureUnit, featureValue, isTime, psiText, pText } from "./drift-look";

/** A value with its unit, for sentences: `514 characters`, `412 ms`. */
function withUnit(feature: DriftFeatureResult["feature"], value: number | null, words: Words): string {
  const text = featureValue(feature, value);
  return isTime(feature) || value === null ? text : `${text}${space}${featureUnit(feature, words)}`;
}

/** Act, effect, size: what the report says in one line. */
export function reportTitle(content: Pick<DriftContent, "verdict" | "features">, words: Words): string {
  const text = words.drift.report;
  const [worst] = content.features;
  if (content.verdict === "too_few" || worst === undefined) return text.tooFew;
  if (content.verdict === "stable") return text.stable;
  const feature = words.drift.features[worst.feature];
  const [from, to] = [featureValue(worst.feature, worst.reference.p50), withUnit(worst.feature, worst.current.p50, words)];
  const sign = worst.ks?.sign ?? null;
  if (worst.reference.p50 === worst.current.p50 || sign === null) return text.spread({ feature });
  return sign === 1 ? text.grew({ feature, from, to }) : text.fell({ feature, from, to });
}

/** Two or three sentences of evidence. */
export function reportBody(content: DriftContent, words: Words): string {
  const text = words.drift.report;
  const names = (features: readonly DriftFeatureResult[]) => features.map(({ feature }) => words.drift.features[feature]).join(", ");
  const few = content.features.filter(({ verdict }) => verdict === "too_few");
  const moved = content.features.filter(({ verdict }) => verdict === "shifted" || verdict === "drifted");
  const [worst, ...others] = moved;
  const fewNote = few.length === 0 ? [] : [text.fewBody({ names: names(few) })];
  if (worst !== undefined) {
    const limit = worst.verdict === "drifted" ? content.limits.psiDrift : content.limits.psiWarn;
    const sentences = [
      text.psiBody({ psi: psiText(worst.psi), limit: String(limit) }),
      gapSentence(worst, words),
      others.length === 0 ? "" : text.othersBody({ names: names(others) }),
      ...fewNote,
    ];
    return sentences.filter(Boolean).join(" ");
  }
  const [thin] = few;
  if (thin !== undefined) {
    const needed = formatNumber(content.minSamples);
    const body = text.tooFewBody({ needed, reference: formatNumber(thin.reference.n), current: formatNumber(thin.current.n) });
    return few.length === content.features.length ? body : [body, ...fewNote].join(" ");
  }
  const largest = content.features.reduce<DriftFeatureResult | undefined>(
    (most, each) => ((each.psi ?? -1) > (most?.psi ?? -1) ? each : most),
    undefined,
  );
  if (largest === undefined) return "";
  return text.stableBody({
    psi: psiText(largest.psi),
    feature: words.drift.features[largest.feature],
    limit: String(content.limits.psiWarn),
  });
}

/** Where the two distributions are furthest apart, in shares of requests; empty where they agree. */
function gapSentence({ feature, ks }: DriftFeatureResult, words: Words): string {
  if (ks === null || ks.location === null || ks.atOrBelow === null) return "";
  return words.drift.report.gapBody({
    gap: formatPoints(ks.statistic, { digits: 0 }).replace("+", ""),
    at: withUnit(feature, ks.location, words),
    was: formatPercent(ks.atOrBelow.reference, { digits: 0 }),
    is: formatPercent(ks.atOrBelow.current, { digits: 0 }),
  });
}

/** Why a feature got its verdict, in one sentence. */
export function reasonText(feature: DriftFeatureResult, content: Pick<DriftContent, "limits" | "minSamples">, words: Words): string {
  const { reasons } = words.drift.report;
  const needed = formatNumber(content.minSamples);
  const psi = psiText(feature.psi);
  switch (feature.reason) {
    case "within":
      return reasons.within;
    case "too_few_reference":
      return reasons.too_few_reference({ n: formatNumber(feature.reference.n), needed });
    case "too_few_current":
      return reasons.too_few_current({ n: formatNumber(feature.current.n), needed });
    case "too_few_both":
      return reasons.too_few_both({ n: formatNumber(feature.current.n), needed });
    case "psi_past_drift":
      return reasons.psi_past_drift({ psi, limit: String(content.limits.psiDrift) });
    case "psi_past_warn":
      return reasons.psi_past_warn({ psi, limit: String(content.limits.psiWarn) });
    case "ks_gap":
      return reasons.ks_gap({ gap: formatNumber(feature.ks?.statistic, { digits: 2 }), p: pText(feature.ks?.pCorrected ?? 1) });
    case "psi_by_chance":
      return reasons.psi_by_chance({ psi, chance: psiText(feature.psiChance) });
  }
}
