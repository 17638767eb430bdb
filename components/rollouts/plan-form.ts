import type { z } from "zod";
import type { createRollout } from "@/lib/domain/rollouts/api";

type Body = z.input<(typeof createRollout)["body"]>;
export type PlanInput = NonNullable<Body["plan"]>;

/** `10, 25, 50` as basis points; null when it cannot be read as rising shares below 100 %. */
export function parseShares(text: string): number[] | null {
  const parts = text
    .split(/[\s,;%]+/)
    .filter((part) => part !== "")
    .map(Number);
  if (parts.length === 0 || parts.some((part) => !Number.isFinite(part) || part <= 0 || part >= 100)) return null;
  const bps = parts.map((part) => Math.round(part * 100));
  const isRising = bps.every((value, index) => value > (bps[index - 1] ?? 0));
  return isRising ? bps : null;
}

/** The field's number, or null for an empty one; NaN is passed on, so that the server names the field. */
const readNumber = (form: FormData, name: string): number | null => {
  const text = String(form.get(name) ?? "").trim();
  return text === "" ? null : Number(text);
};

/** A number of the form in another unit, without the dust of binary fractions. */
const scaled = (value: number, factor: number) => Number((value * factor).toPrecision(12));

/** The plan as the form says it: shares in percent, points and percents as ratios. Empty limits are no limits. */
export function readPlan(form: FormData): PlanInput | null {
  const shares = parseShares(String(form.get("steps") ?? ""));
  if (shares === null) return null;
  const minSeconds = readNumber(form, "minSeconds") ?? Number.NaN;
  const minSamples = readNumber(form, "minSamples") ?? Number.NaN;
  const errorLimit = readNumber(form, "errorLimit");
  return {
    steps: shares.map((weightBps) => ({ weightBps, minSeconds })),
    gates: [
      {
        metric: "error_ratio",
        maxIncrease: scaled(readNumber(form, "maxIncrease") ?? Number.NaN, 0.01),
        limit: errorLimit === null ? null : scaled(errorLimit, 0.01),
        minSamples,
      },
      {
        metric: "latency_p95_ms",
        maxRatio: readNumber(form, "maxRatio") ?? Number.NaN,
        limit: readNumber(form, "latencyLimit"),
        minSamples,
      },
    ],
    stepDeadlineSeconds: readNumber(form, "stepDeadlineSeconds") ?? Number.NaN,
  };
}
