import { describe, expect, it } from "vitest";
import { prepareJoint } from "./joint";

describe("the lines between two columns", () => {
  it("begin and end at the middle of each box", () => {
    expect(prepareJoint({ left: 3, right: 1, most: 3 })).toBe(
      "M0 16.67C8 16.67 6 50 14 50M0 50C8 50 6 50 14 50M0 83.33C8 83.33 6 50 14 50M14 50C22 50 20 50 28 50",
    );
    expect(prepareJoint({ left: 1, right: 2, most: 4 })).toBe(
      "M0 50C8 50 6 50 14 50M14 50C22 50 20 37.5 28 37.5M14 50C22 50 20 62.5 28 62.5",
    );
  });

  it("are none where a side has no box", () => {
    expect(prepareJoint({ left: 0, right: 2, most: 2 })).toBe("");
    expect(prepareJoint({ left: 2, right: 0, most: 2 })).toBe("");
  });
});
