import { describe, expect, it } from "vitest";
import { toCanonicalJson } from "@/lib/core/canonical";
import { fc } from "@/test/property";
import { toCanonicalBody } from "./canonical-body";

const textOf = (body: string) => toCanonicalBody(body).text;

type Json = fc.JsonValue;
const jsonValue = fc.jsonValue({ depthSize: "small", maxDepth: 5, noUnicodeString: false });
const jsonObject = fc.dictionary(fc.string(), jsonValue);

/** The same value written otherwise: members in another order, spaces, escapes. */
function rewrite(value: Json, random: () => number): string {
  const space = () => ["", " ", "\n", "\t "][Math.floor(random() * 4)] ?? "";
  const text = (s: string) =>
    random() < 0.5
      ? JSON.stringify(s)
      : `"${[...Array(s.length).keys()].map((i) => `\\u${s.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`;
  if (Array.isArray(value)) return `[${space()}${value.map((v) => rewrite(v, random)).join(`${space()},${space()}`)}${space()}]`;
  if (typeof value === "string") return text(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(() => random() - 0.5);
  return `{${space()}${members.map(([k, v]) => `${text(k)}${space()}:${space()}${rewrite(v ?? null, random)}`).join(`,${space()}`)}${space()}}`;
}

const SAID_BY_THE_KEY = ["model", "stream", "stream_options", "user", "safety_identifier", "prompt_cache_key"];

describe("the canonical text of a body", () => {
  it("is the same for every way to write the same value", () => {
    fc.assert(
      fc.property(jsonObject, fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (value, stream) => {
        const random = () => stream.next().value ?? 0;
        expect(textOf(rewrite(value as Json, random))).toBe(textOf(JSON.stringify(value)));
      }),
    );
  });

  it("differs wherever the value does", () => {
    fc.assert(
      fc.property(jsonObject, jsonObject, (a, b) => {
        const isSame = toCanonicalJson(a) === toCanonicalJson(b);
        expect(textOf(JSON.stringify(a)) === textOf(JSON.stringify(b))).toBe(isSame);
      }),
      {
        examples: [
          [{ a: 1 }, { a: "1" }],
          [{ a: [] }, { a: {} }],
          [{ a: null }, {}],
          [{ a: [1, [2]] }, { a: [1, 2] }],
        ],
      },
    );
  });

  it("says numbers exactly: one text for one number, however it is written and however long it is", () => {
    const whole = fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n });
    fc.assert(
      fc.property(whole, whole, fc.nat(30), (a, b, places) => {
        const number = (written: string) => textOf(`{"seed":${written}}`);
        expect(number(String(a)) === number(String(b))).toBe(a === b);
        const zeros = "0".repeat(places);
        expect(number(`${a}.${zeros}0`)).toBe(number(String(a)));
        expect(number(`${a}${zeros}e-${places}`)).toBe(number(String(a)));
        expect(number(`${a}E+${places}`)).toBe(number(`${a}${zeros}`));
      }),
      { examples: [[9_007_199_254_740_993n, 9_007_199_254_740_992n, 3]] },
    );
    for (const digits of [39, 40, 41, 400]) expect(textOf(`{"t":1e${digits - 1}}`)).toBe(textOf(`{"t":1${"0".repeat(digits - 1)}}`));
    for (const list of ["[1,20,300]", "[ 1, 2e1 ,300.0]", "[1.0,20,3e2]"]) expect(textOf(`{"t":${list}}`)).toBe(textOf('{"t":[1,20,300]}'));
    expect(new Set(["[1,20]", "[120]", "[[1],20]", "[12,0]", "[1,200]"].map((list) => textOf(`{"t":${list}}`))).size).toBe(5);
    expect(new Set(["0", "-0", "0.000", "0e9", "-0E-5"].map((n) => textOf(`{"t":${n}}`))).size).toBe(1);
    expect(textOf(`{"t":1e${"9".repeat(400)}}`)).not.toBe(textOf(`{"t":1e${"9".repeat(399)}}`));
  });

  it("leaves out who asks and in which form, and nothing else", () => {
    const body = { messages: [{ role: "user", content: "Hi" }], n: 2, seed: 4, temperature: 0.2, tools: [], metadata: { a: "b" } };
    const plain = textOf(JSON.stringify(body));
    const dressed = Object.fromEntries(SAID_BY_THE_KEY.map((name) => [name, name === "stream_options" ? { include_usage: true } : "x"]));
    expect(textOf(JSON.stringify({ ...dressed, ...body }))).toBe(plain);
    for (const name of Object.keys(body)) expect(textOf(JSON.stringify({ ...body, [name]: "other" }))).not.toBe(plain);
    expect(textOf(JSON.stringify({ ...body, stream_options: { include_usage: true, continuous_usage_stats: true } }))).not.toBe(plain);
  });

  it("takes the last of two members with one name, as every reader does", () => {
    expect(textOf('{"a":1,"b":2,"a":3}')).toBe(textOf('{"b":2,"a":3}'));
  });

  it("knows a request without chance by its temperature of 0 alone", () => {
    const isDeterministic = (body: string) => toCanonicalBody(body).isDeterministic;
    for (const zero of ["0", "0.0", "-0", "0e3"]) expect(isDeterministic(`{"temperature":${zero}}`)).toBe(true);
    for (const other of ['{"temperature":0.01}', "{}", '{"temperature":null}', '{"seed":1}']) expect(isDeterministic(other)).toBe(false);
  });
});
