import { StatsError } from "./errors";
import { normalUpperTail } from "./normal";

/** The hypothesis tested: any difference, treatment above control, treatment below control. */
export type Alternative = "two-sided" | "greater" | "less";

/** Throws `invalid_option` for anything that is no alternative; callers in plain JavaScript can pass anything. */
export function assertAlternative(alternative: Alternative): void {
  if (alternative !== "two-sided" && alternative !== "greater" && alternative !== "less") {
    throw new StatsError("invalid_option", `alternative must be two-sided, greater or less, got ${String(alternative)}`);
  }
}

/** The p-value of a standard normal statistic; two-sided at most 1. */
export function normalPValue(z: number, alternative: Alternative): number {
  switch (alternative) {
    case "two-sided":
      return Math.min(1, 2 * normalUpperTail(Math.abs(z)));
    case "greater":
      return normalUpperTail(z);
    case "less":
      return normalUpperTail(-z);
  }
}
