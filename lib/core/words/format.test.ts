import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatChange,
  formatCount,
  formatMillis,
  formatMoney,
  formatNumber,
  formatPercent,
  formatPoints,
  formatSpan,
} from "./format";
import { formatClock, formatExact, formatRelative, formatTick } from "./time";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("numbers", () => {
  it.each([
    [formatNumber(1206), "1,206"],
    [formatNumber(-1234567.891, { digits: 2 }), "−1,234,567.89"],
    [formatNumber(-0.001, { digits: 2 }), "0.00"],
    [formatNumber(null), "–"],
    [formatNumber(Number.NaN), "–"],
    [formatPercent(0.248), "24.8 %"],
    [formatPercent(0, { digits: 0 }), "0 %"],
    [formatPoints(0.014), "+1.4 pp"],
    [formatPoints(-0.0002, { digits: 2 }), "−0.02 pp"],
    [formatPoints(0), "0.0 pp"],
    [formatChange(-0.095), "−9.5 %"],
    [formatCount(33_100_000), "33.1 M"],
    [formatCount(177_000_000), "177 M"],
    [formatCount(14_834), "14,834"],
    [formatBytes(14_200_000_000), "14.2 GB"],
    [formatBytes(512), "512 B"],
  ])("%s is written as %s", (text, expected) => {
    expect(plain(text)).toBe(expected);
  });
});

describe("lengths of time", () => {
  it.each([
    [3.25, "3.3 ms"],
    [412, "412 ms"],
    [2910, "2.91 s"],
    [41_000, "41.0 s"],
    [6 * 60_000, "6 min"],
    [(5 * 60 + 22) * 60_000, "5 h 22 min"],
    [76 * 3_600_000, "3 d 4 h"],
    [null, "–"],
  ])("%s ms is %s", (ms, expected) => {
    expect(plain(formatMillis(ms))).toBe(expected);
  });

  it("a span has no false precision", () => {
    expect(plain(formatSpan(3_400))).toBe("3 s");
  });
});

describe("money", () => {
  it.each([
    ["13020", "$13,020"],
    ["13020.5", "$13,021"],
    ["0.00418", "$0.00418"],
    ["0.004182999999999999", "$0.00418"],
    ["12.345", "$12.35"],
    ["0.999999", "$1.000"],
    ["0", "$0.00"],
    ["-0.4", "−$0.400"],
    ["9007199254740993.4", "$9,007,199,254,740,993"],
    ["abc", "–"],
    [null, "–"],
  ])("%s is %s", (amount, expected) => {
    expect(formatMoney(amount)).toBe(expected);
  });

  it("keeps the currency that the price book names", () => {
    expect(formatMoney("380000", { currency: "KRW", digits: 0 })).toBe("₩380,000");
    expect(plain(formatMoney("1.5", { currency: "CHF" }))).toBe("CHF 1.50");
  });
});

describe("instants", () => {
  const at = Date.UTC(2026, 10, 20, 14, 32, 10);
  it("are relative in the reader's language", () => {
    expect(plain(formatRelative(at - 3000, at, "en"))).toBe("3 s ago");
    expect(plain(formatRelative(at + 12_000_000, at, "en"))).toBe("in 3 h 20 min");
    expect(plain(formatRelative(at - 3000, at, "ko"))).toBe("3초 전");
    expect(plain(formatRelative(at + 12_000_000, at, "ko"))).toBe("3시간 20분 뒤");
    expect(formatRelative(at, at, "en")).toBe("just now");
  });

  it("are exact in the reader's zone", () => {
    expect(formatExact(at, { locale: "en", timeZone: "UTC" })).toBe("20 Nov 2026, 14:32:10 UTC");
    expect(formatExact(at, { locale: "ko", timeZone: "Asia/Seoul" })).toBe("2026년 11월 20일 23:32:10 GMT+9");
    expect(formatClock(at, { timeZone: "Asia/Seoul" })).toBe("23:32");
  });

  it("get the shortest honest tick", () => {
    expect(formatTick(at, { spanMs: 3_600_000, locale: "en", timeZone: "UTC" })).toBe("14:32");
    expect(formatTick(at, { spanMs: 7 * 86_400_000, locale: "en", timeZone: "UTC" })).toBe("20 Nov");
  });
});
