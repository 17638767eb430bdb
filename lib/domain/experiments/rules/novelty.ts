import type { Halves } from "@/lib/core/experiments";
import { type CoMoments, coMomentsWithBefore, ratioChange } from "@/lib/core/stats";
import { metricLabel } from "./metrics";
import type { TreatmentName } from "./reasons";
import type { ExperimentSums } from "./sums";

/** With fewer subjects of more than one day in an arm nothing is said of a change. */
const FEWEST_LATER = 100;

/** The effect on subjects' first days in the experiment and on their later ones, of each treatment; none where that was not looked at. */
export function findHalves(
  { tenure }: ExperimentSums,
  { metric, treatments }: { readonly metric: Parameters<typeof metricLabel>[0]; readonly treatments: readonly TreatmentName[] },
): Halves[] {
  const of = (arm: string): CoMoments | null => {
    const found = tenure?.find((each) => each.arm === arm);
    return found === undefined || found.subjects < FEWEST_LATER ? null : coMomentsWithBefore(found, found);
  };
  const control = of("control");
  return treatments.flatMap((treatment): Halves[] => {
    const treated = of(treatment);
    const [c, t] = [control === null ? null : ratioChange(control), treated === null ? null : ratioChange(treated)];
    if (c === null || t === null) return [];
    return [
      {
        metric: metricLabel(metric),
        treatment,
        first: { difference: t.first - c.first, standardError: Math.hypot(t.firstError, c.firstError) },
        second: { difference: t.second - c.second, standardError: Math.hypot(t.secondError, c.secondError) },
        changeError: Math.hypot(t.changeError, c.changeError),
      },
    ];
  });
}
