import { describe, expect, it } from "vitest";
import { toLocalPath } from "./local-path";

describe("the page to come back to", () => {
  it.each([
    ["/demo?env=staging#top", "/demo?env=staging#top"],
    ["/", "/"],
    [undefined, "/"],
    ["", "/"],
    ["demo", "/"],
    ["https://evil.example", "/"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["/\t/evil.example", "/"],
    ["/\n\\evil.example/x", "/"],
    ["javascript:alert(1)", "/"],
  ])("%j leads to %s", (given, expected) => {
    expect(toLocalPath(given)).toBe(expected);
  });

  it("never leaves the origin, whatever dots and slashes it holds", () => {
    for (const given of ["/..//evil.example", "/.//evil.example", "/a/..//evil.example"]) {
      expect(new URL(toLocalPath(given), "https://switchyard.example").origin, given).toBe("https://switchyard.example");
    }
  });
});
