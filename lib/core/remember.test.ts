import { describe, expect, it } from "vitest";
import { remember } from "./remember";

describe("remember", () => {
  it("computes once for a text, and anew once it has forgotten", () => {
    const asked: string[] = [];
    const length = remember((text) => asked.push(text) && text.length, 2);
    expect([length("a"), length("bb"), length("a"), length("ccc"), length("a")]).toEqual([1, 2, 1, 3, 1]);
    expect(asked).toEqual(["a", "bb", "ccc", "a"]);
  });

  it("keeps an answer that is nothing, and no answer that was thrown", () => {
    let times = 0;
    const nothing = remember(() => {
      times++;
      return null;
    });
    expect([nothing("a"), nothing("a"), times]).toEqual([null, null, 1]);
    const failing = remember((): string => {
      times++;
      throw new Error("no");
    });
    for (let i = 0; i < 2; i++) expect(() => failing("a")).toThrow("no");
    expect(times).toBe(3);
  });
});
