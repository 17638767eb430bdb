import { type EmptyBins, psiFromCounts } from "./empty-bins";
import type { PsiResult } from "./psi";

/** Categories as observed (missing ones null) or already counted. */
export type Categories = readonly (string | null | undefined)[] | Readonly<Record<string, number>> | ReadonlyMap<string, number>;

/** One category of either side. Shares are 0..1 as counted; `contribution` is after empty ones are treated. */
export interface PsiCategory {
  readonly category: string;
  readonly referenceCount: number;
  readonly currentCount: number;
  readonly referenceShare: number;
  readonly currentShare: number;
  readonly contribution: number;
}

/** Population stability index over the union of both sides' categories, in code-unit order. Throws StatsError for counts below 0. */
export function psiCategorical(
  reference: Categories,
  current: Categories,
  options: { emptyBins?: EmptyBins } = {},
): PsiResult<PsiCategory> {
  const { categories, referenceCounts, currentCounts } = countCategories(reference, current);
  const referenceTotal = sum(referenceCounts);
  const currentTotal = sum(currentCounts);
  if (referenceTotal === 0 || currentTotal === 0) return { status: "insufficient_data", psi: null, bins: [] };
  const { psi, contributions } = psiFromCounts(referenceCounts, currentCounts, options);
  const bins = categories.map((category, index): PsiCategory => {
    const referenceCount = referenceCounts[index] ?? 0;
    const currentCount = currentCounts[index] ?? 0;
    return {
      category,
      referenceCount,
      currentCount,
      referenceShare: referenceCount / referenceTotal,
      currentShare: currentCount / currentTotal,
      contribution: contributions[index] ?? 0,
    };
  });
  return { status: "ok", psi, bins };
}

/** Both sides counted over the union of their categories, in code-unit order. */
export function countCategories(
  reference: Categories,
  current: Categories,
): { categories: readonly string[]; referenceCounts: readonly number[]; currentCounts: readonly number[] } {
  const [known, seen] = [countsOf(reference), countsOf(current)];
  const categories = [...new Set([...known.keys(), ...seen.keys()])].sort();
  return {
    categories,
    referenceCounts: categories.map((category) => known.get(category) ?? 0),
    currentCounts: categories.map((category) => seen.get(category) ?? 0),
  };
}

function countsOf(categories: Categories): ReadonlyMap<string, number> {
  if (categories instanceof Map) return categories;
  if (!Array.isArray(categories)) return new Map(Object.entries(categories));
  const counts = new Map<string, number>();
  for (const category of categories) {
    if (category === null || category === undefined) continue;
    counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  return counts;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
