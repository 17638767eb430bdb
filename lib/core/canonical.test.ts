import { describe, expect, it } from "vitest";
import { toCanonicalJson } from "./canonical";

describe("canonical JSON (RFC 8785)", () => {
  it("writes the example of section 3.2.2 as the RFC does", () => {
    const input = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`;
    expect(toCanonicalJson(JSON.parse(input))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it("sorts the names of section 3.2.3 by UTF-16 code units", () => {
    const input = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 };
    expect(Object.keys(JSON.parse(toCanonicalJson(input).replace(/"1":/, '"one":')))).toEqual([
      "\r",
      "one",
      "\u0080",
      "ö",
      "€",
      "😀",
      "\ufb33",
    ]);
  });

  it("gives one text whatever the order of the fields, at every depth, and leaves absent fields out", () => {
    const a = { b: [{ y: 1, x: { d: null, c: "" } }], a: true };
    const b = { a: true, b: [{ x: { c: "", d: null, e: undefined }, y: 1 }] };
    expect(toCanonicalJson(a)).toBe(toCanonicalJson(b));
    expect(toCanonicalJson([1, 2])).not.toBe(toCanonicalJson([2, 1]));
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [undefined], [() => 1]])("refuses %j", (value) => {
    expect(() => toCanonicalJson(value)).toThrow();
    if (typeof value === "number") expect(() => toCanonicalJson({ deep: [value] })).toThrow();
  });
});
