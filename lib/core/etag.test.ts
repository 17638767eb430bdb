import { describe, expect, it } from "vitest";
import { matchesEtag } from "./etag";

describe("If-None-Match", () => {
  it.each([
    ['"abc"', true],
    ['W/"abc"', true],
    ["abc", true],
    ["*", true],
    ['"x", W/"abc" , "y"', true],
    ['"x","y"', false],
    ['"ab"', false],
    ['"abcd"', false],
    ["", false],
    [null, false],
    [undefined, false],
  ])("%j names abc: %s", (header, expected) => {
    expect(matchesEtag(header, "abc")).toBe(expected);
  });
});
