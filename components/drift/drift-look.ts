import type { StateName } from "@/components/ui/state-look";
import type { Words } from "@/lib/core/words";
import { dash, formatMillis, formatNumber, formatSpan } from "@/lib/core/words/format";
import type { Locale } from "@/lib/core/words/locale";
import type { DriftFeatureLine, DriftFeatureName, DriftMonitor, DriftVerdictName } from "@/lib/domain/drift/api";

/** The look of a verdict; its word is `words.drift.verdicts`. */
export const verdictLook: Record<DriftVerdictName, StateName> = {
  stable: "stable",
  shifted: "watch",
  drifted: "drift",
  too_few: "inconclusive",
};

export const isTime = (feature: DriftFeatureName): boolean => feature === "ttft_ms" || feature === "total_ms";

/** A value of the feature with its unit where the name does not say it: `412 ms`, `1,206`. */
export function featureValue(feature: DriftFeatureName, value: number | null): string {
  if (value === null) return dash;
  return isTime(feature) ? formatMillis(value) : formatNumber(value, { digits: Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1 });
}

export function featureUnit(feature: DriftFeatureName, words: Words): string {
  const { units } = words.drift;
  if (isTime(feature)) return units.ms;
  return feature === "prompt_chars" || feature === "answer_chars" ? units.chars : units.tokens;
}

export const psiText = (psi: number | null): string => (psi === null ? dash : formatNumber(psi, { digits: 2 }));
export const pText = (p: number): string => (p < 0.001 ? "< 0.001" : `= ${formatNumber(p, { digits: 3 })}`);

/** The headline of a report: how many features are as bad as the report says. */
export function verdictCount(verdict: DriftVerdictName, features: readonly Pick<DriftFeatureLine, "verdict">[], words: Words): string {
  const { verdictOf } = words.drift;
  const count = features.filter((each) => each.verdict === verdict).length;
  const of = features.length;
  switch (verdict) {
    case "stable":
      return verdictOf.stable({ count: of });
    case "drifted":
      return verdictOf.drifted({ count, of });
    case "shifted":
      return verdictOf.shifted({ count, of });
    case "too_few":
      return verdictOf.tooFew({ count, of });
  }
}

/** The largest PSI of a report; null where nothing was compared. */
export function largestPsi(features: readonly DriftFeatureLine[]): number | null {
  const known = features.flatMap(({ psi }) => (psi === null ? [] : [psi]));
  return known.length === 0 ? null : Math.max(...known);
}

const MINUTE_MS = 60_000;
export const minutesText = (minutes: number, locale: Locale): string => formatSpan(minutes * MINUTE_MS, locale);

/** `last 1 h with the 2 h before`. */
export function comparesText(monitor: Pick<DriftMonitor, "reference" | "currentMinutes">, words: Words, locale: Locale): string {
  const text = words.drift;
  return text.compares({
    current: minutesText(monitor.currentMinutes, locale),
    reference: referenceText(monitor.reference, words, locale),
  });
}

function referenceText(reference: DriftMonitor["reference"], words: Words, locale: Locale): string {
  const text = words.drift;
  if (reference.kind === "fixed") return text.fixed;
  const length = minutesText(reference.lengthMinutes, locale);
  return reference.gapMinutes === 0
    ? text.trailing({ length })
    : text.trailingGap({ length, gap: minutesText(reference.gapMinutes, locale) });
}
