import { describe, expect, test } from "vitest";
import { isClose, type OracleNumber, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { classificationMetrics } from "./classification";
import { countOrphanLabels, evaluateWindow } from "./delayed-labels";
import { type Label, multiclassMetrics, multiclassProbabilityMetrics } from "./multiclass";

type Figures = Record<string, OracleNumber>;

interface BinaryCase {
  name: string;
  /** One case draws its labels too: positive where u < score^1.3. */
  input: { y_true?: OracleSample; u?: OracleSample; score: OracleSample };
  params: { threshold: number };
  expected: Figures & { status?: string; bin_counts_10: number[]; bin_counts_15: number[] };
}

interface MulticlassCase {
  name: string;
  input: { y_true: Label[]; y_pred?: Label[]; proba?: number[][]; labels: Label[] };
  expected: Figures & {
    confusion?: number[][];
    per_class?: Record<string, { precision: number; recall: number; f1: number; support: number }>;
  };
}

interface DelayedCase {
  name: string;
  input: {
    predictions: { id: string; ts: number; score: number }[];
    labels: { id: string; ts: number; label: number }[];
  };
  params: { threshold: number };
  expected: { evaluations: (Figures & { as_of: number; window: [number, number] })[]; orphan_labels: number };
}

const binary = readOracle<BinaryCase>("classification_binary");
const multiclass = readOracle<MulticlassCase>("classification_multiclass");
const delayed = readOracle<DelayedCase>("delayed_labels");

function close(got: number | null | undefined, want: OracleNumber | undefined, rel = 1e-12): void {
  if (want !== undefined)
    expect(isClose(got ?? null, want === "NaN" ? null : want, { rel, abs: 1e-15 }), `got ${got}, expected ${want}`).toBe(true);
}

const NAMES = {
  n: "n",
  tp: "tp",
  fp: "fp",
  fn: "fn",
  tn: "tn",
  accuracy: "accuracy",
  precision: "precision",
  recall: "recall",
  specificity: "specificity",
  f1: "f1",
  balancedAccuracy: "balanced_accuracy",
  mcc: "mcc",
  aucRoc: "auc_roc",
  averagePrecision: "average_precision",
  brier: "brier",
} as const;

describe("metrics of a binary classifier equal the reference", () => {
  test.each(binary.cases)("$name", ({ input, params, expected }) => {
    const scores = sampleOf(input.score);
    const drawn = input.u ? sampleOf(input.u) : [];
    const truth = input.y_true ? sampleOf(input.y_true) : scores.map((score, index) => ((drawn[index] ?? 1) < (score ?? 0) ** 1.3 ? 1 : 0));
    const run = (options = {}) => classificationMetrics(truth, scores, { ...params, ...options });
    const [ten, fifteen, older] = [run(), run({ bins: 15 }), run({ epsilon: 1e-15 })];
    if (ten.status !== "ok" || fifteen.status !== "ok" || older.status !== "ok") {
      expect(expected.status).toBe("insufficient_data");
      return;
    }
    for (const [name, theirs] of Object.entries(NAMES) as [keyof typeof NAMES, string][]) close(ten[name], expected[theirs]);
    close(ten.logLoss, expected.log_loss_eps_float64, 1e-10);
    close(older.logLoss, expected["log_loss_eps_1e-15"], 1e-10);
    for (const [result, bins, counts] of [
      [ten, 10, expected.bin_counts_10],
      [fifteen, 15, expected.bin_counts_15],
    ] as const) {
      expect(result.binCounts).toEqual(counts);
      close(result.ece, expected[`ece_positive_class_${bins}`]);
      close(result.mce, expected[`mce_positive_class_${bins}`]);
      close(result.eceConfidence, expected[`ece_confidence_${bins}`]);
    }
  });
});

describe("metrics of several classes equal the reference", () => {
  test.each(multiclass.cases)("$name", ({ input, expected }) => {
    const { y_true: truth, y_pred: predicted, proba, labels } = input;
    if (proba !== undefined) {
      const metrics = multiclassProbabilityMetrics(truth, proba, { labels });
      close(metrics?.logLoss, expected.log_loss, 1e-10);
      close(metrics?.topLabelEce, expected.top_label_ece_10);
      close(metrics?.brier, expected.brier_multiclass_sum);
      close(metrics?.aucOvrMacro, expected.auc_ovr_macro);
      close(metrics?.accuracy, expected.accuracy);
      return;
    }
    const metrics = multiclassMetrics(truth, predicted ?? [], { labels });
    if (metrics.status !== "ok") throw new Error("there are predictions");
    expect(metrics.confusion).toEqual(expected.confusion);
    close(metrics.accuracy, expected.accuracy);
    close(metrics.balancedAccuracy, expected.balanced_accuracy);
    close(metrics.mcc, expected.mcc);
    close(metrics.cohenKappa, expected.cohen_kappa);
    for (const average of ["macro", "micro", "weighted"] as const) {
      for (const figure of ["precision", "recall", "f1"] as const) close(metrics[average][figure], expected[`${figure}_${average}`]);
    }
    for (const figures of metrics.perClass) {
      const want = expected.per_class?.[String(figures.label)];
      for (const figure of ["precision", "recall", "f1", "support"] as const) close(figures[figure], want?.[figure]);
    }
  });
});

describe("labels that come late are counted in the window of their prediction", () => {
  test.each(delayed.cases)("$name", ({ input, params, expected }) => {
    const predictions = input.predictions.map(({ id, ts, score }) => ({ id, at: ts, score }));
    const labels = input.labels.map(({ id, ts, label }) => ({ id, at: ts, label }));
    expect(countOrphanLabels(predictions, labels)).toBe(expected.orphan_labels);
    for (const want of expected.evaluations) {
      const got = evaluateWindow({ predictions, labels }, { asOf: want.as_of, window: want.window, threshold: params.threshold });
      expect([got.predictions, got.labelled]).toEqual([want.predictions, want.labelled]);
      close(got.coverage, want.coverage);
      if (got.metrics.status !== "ok") {
        expect(want.tp).toBeUndefined();
        continue;
      }
      for (const [name, theirs] of Object.entries(NAMES) as [keyof typeof NAMES, string][]) close(got.metrics[name], want[theirs]);
    }
  });
});

describe("metrics of a classifier", () => {
  test("leave out pairs with anything missing, and have no calibration where scores are no probabilities", () => {
    expect(classificationMetrics([1, null, 0, 1], [0.9, 0.5, 0.2, Number.NaN])).toEqual(classificationMetrics([1, 0], [0.9, 0.2]));
    const logits = classificationMetrics([1, 0, 1], [3, -2, 0.1], { threshold: 0 });
    expect(logits).toMatchObject({ accuracy: 1, aucRoc: 1, brier: null, logLoss: null, ece: null, binCounts: null });
  });

  test.each([
    ["a label that is neither 0 nor 1", () => classificationMetrics([2], [0.5])],
    ["an infinite score", () => classificationMetrics([1], [Number.POSITIVE_INFINITY])],
    ["a score short", () => classificationMetrics([1, 0], [0.5])],
    ["a label that nobody named", () => multiclassMetrics(["a"], ["b"], { labels: ["a"] })],
    ["a row of probabilities that is too short", () => multiclassProbabilityMetrics(["a"], [[1]], { labels: ["a", "b"] })],
  ])("refuse %s", (_, run) => {
    expect(run).toThrow(expect.objectContaining({ name: "StatsError", code: "invalid_value" }));
  });
});
