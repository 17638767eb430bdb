import { describe, expect, it } from "vitest";
import { parseLimit } from "./parse-limit";

describe("what is typed as a limit", () => {
  it.each([
    ["", null],
    ["  ", null],
    ["600", 600],
    ["90,000", 90_000],
    ["1 000", 1_000],
    ["1.5", 1.5],
    ["0", 0],
    ["many", 0],
    ["-5", 0],
    ["1e3", 0],
  ])("%j is %j: never silently no limit", (text, expected) => {
    expect(parseLimit(text)).toBe(expected);
  });
});
