import type { CsvCell } from "@/components/charts/prepare/csv";
import type { DriftReport } from "@/lib/domain/drift/api";

export const CSV_HEAD =
  "feature,verdict,reason,psi,ksStatistic,ksPCorrected,referenceN,currentN,referenceMissing,currentMissing,binLower,binUpper,referenceCount,currentCount,contribution".split(
    ",",
  );

/** One line a bin of PSI, with its feature's figures before it; a feature without bins has one line. An open end is empty. */
export function toCsvRows({ content }: Pick<DriftReport, "content">): CsvCell[][] {
  return content.features.flatMap((each) => {
    const { reference, current, ks } = each;
    const figures = [each.feature, each.verdict, each.reason, each.psi, ks?.statistic ?? null, ks?.pCorrected ?? null];
    const counts = [reference.n, current.n, reference.missing, current.missing];
    if (each.bins.length === 0) return [[...figures, ...counts, null, null, null, null, null]];
    return each.bins.map((bin) => [...figures, ...counts, bin.lower, bin.upper, bin.referenceCount, bin.currentCount, bin.contribution]);
  });
}
