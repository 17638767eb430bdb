import { describe, expect, test } from "vitest";
import { toCsv } from "@/components/charts/prepare/csv";
import { getWords } from "@/lib/core/words";
import { DriftContent, type DriftFeatureResult } from "@/lib/domain/drift/api";
import { CSV_HEAD, toCsvRows } from "./report-csv";
import { reasonText, reportBody, reportTitle } from "./report-text";

const words = getWords("en");
const spread = (p50: number | null, n = 500) => ({ n, missing: 0, mean: p50, min: p50, p50, p95: p50, max: p50 });

function feature(parts: Partial<DriftFeatureResult> = {}): DriftFeatureResult {
  return {
    feature: "prompt_chars",
    verdict: "drifted",
    reason: "psi_past_drift",
    reference: spread(52),
    current: spread(310),
    psi: 1.824,
    psiChance: 0.1,
    ks: {
      statistic: 0.64,
      pValue: 1e-9,
      pCorrected: 4e-9,
      location: 140,
      sign: 1,
      atOrBelow: { reference: 0.9, current: 0.26 },
      method: "asymptotic",
    },
    bins: [],
    picture: [],
    ...parts,
  };
}

const window = { from: "2026-11-20T10:00:00.000Z", to: "2026-11-20T11:00:00.000Z", matched: 500, read: 500 };
const content = (verdict: DriftContent["verdict"], ...features: DriftFeatureResult[]): DriftContent =>
  DriftContent.parse({
    monitor: { id: "dmo_1", name: "inputs" },
    endpoint: { id: "ept_1", name: "chat", environment: "production" },
    reference: window,
    current: window,
    filter: { outcomes: "complete", release: null },
    limits: {},
    minSamples: 200,
    verdict,
    features,
  });

const stable = feature({ feature: "total_ms", verdict: "stable", reason: "within", psi: 0.03 });
const thin = feature({ feature: "ttft_ms", verdict: "too_few", reason: "too_few_current", psi: 0.4, current: spread(80, 12) });

describe("a report in words", () => {
  test.each<[string, DriftContent, string]>([
    ["what grew", content("drifted", feature(), stable), "Prompt length grew: the middle request went from 52 to 310 characters"],
    [
      "what fell",
      content(
        "shifted",
        feature({ verdict: "shifted", current: spread(40), ks: { ...feature().ks, sign: -1 } as DriftFeatureResult["ks"] }),
      ),
      "Prompt length fell: the middle request went from 52 to 40 characters",
    ],
    [
      "a spread with the same middle",
      content("drifted", feature({ current: spread(52) })),
      "Prompt length is spread differently than in the reference",
    ],
    ["nothing moved", content("stable", stable), "The current window looks like the reference"],
    ["too few", content("too_few", thin, stable), "Too few requests to tell"],
  ])("says %s", (_, made, title) => {
    expect(reportTitle(made, words).replaceAll("\u00a0", " ")).toBe(title);
  });

  test("gives the evidence: PSI against its limit, the widest gap in shares of requests, what else moved and what cannot be told", () => {
    const second = feature({ feature: "input_tokens", verdict: "shifted" });
    expect(reportBody(content("drifted", feature(), second, thin, stable), words).replaceAll("\u00a0", " ")).toBe(
      "PSI 1.82 against a limit of 0.25. The widest gap is 64 pp: 90 % of the requests were at most 140 characters, now 26 % are. Also moved: Input tokens. Too few values to tell: Time to first token.",
    );
  });

  test("never takes too few for a sign that nothing moved", () => {
    const body = reportBody(content("too_few", thin, stable), words);
    expect(body).toContain("needs 200 requests with a value; the reference has 500, the current window 12");
    expect(body).toContain("not a sign that nothing moved");
    expect(body).toContain("Too few values to tell: Time to first token.");
  });

  test("names the largest PSI of a stable one", () => {
    expect(reportBody(content("stable", feature({ verdict: "stable", psi: 0.05 }), stable), words)).toContain(
      "The largest PSI is 0.05, for Prompt length",
    );
  });

  test.each<[Partial<DriftFeatureResult>, string]>([
    [{}, "PSI 1.82 is past the drift limit of 0.25."],
    [{ reason: "psi_past_warn", psi: 0.2 }, "PSI 0.20 is past the watch limit of 0.1."],
    [{ reason: "ks_gap" }, "PSI is within its limit, but the gap of 0.64 is no chance (p < 0.001 after correction)."],
    [{ reason: "psi_by_chance", psi: 0.2, psiChance: 0.26 }, "PSI 0.20 looks high, but with so few requests chance alone reaches 0.26."],
    [{ reason: "too_few_current", current: spread(1, 12) }, "The current window has 12 values and needs 200."],
    [{ reason: "within" }, "PSI and the gap are within the limits."],
  ])("says why: %j", (parts, sentence) => {
    const made = feature(parts);
    expect(reasonText(made, content("drifted", made), words)).toBe(sentence);
  });

  test("is a spreadsheet of one line a bin, with nothing for what is not there", () => {
    const bin = { lower: null, upper: 10, referenceCount: 3, currentCount: 4, contribution: 0.5 };
    const rows = toCsvRows({
      content: content("drifted", feature({ bins: [bin, { ...bin, lower: 10, upper: null }] }), { ...thin, ks: null, psi: null }),
    });
    expect(rows.every((row) => row.length === CSV_HEAD.length)).toBe(true);
    expect(toCsv(CSV_HEAD, rows).split("\r\n").slice(1)).toEqual([
      "prompt_chars,drifted,psi_past_drift,1.824,0.64,4e-9,500,500,0,0,,10,3,4,0.5",
      "prompt_chars,drifted,psi_past_drift,1.824,0.64,4e-9,500,500,0,0,10,,3,4,0.5",
      "ttft_ms,too_few,too_few_current,,,,500,12,0,0,,,,,",
    ]);
  });
});
