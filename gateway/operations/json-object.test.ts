import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { JsonObjectText, JsonTooDeepError, prependToArray } from "./json-object";

const write = (text: string, changes: Readonly<Record<string, string | null>>) =>
  new JsonObjectText(text).write(new Map(Object.entries(changes)));

describe("an object of which members change", () => {
  it.each([
    "{}",
    " { } ",
    '{"a":1}',
    '{ "b" : 12345678901234567890.10e+0 ,\n\t"a":"\\u0041\\\\\\"}{" , "10":[1,{"x":"]"}],"2":null}\r\n',
    '{"a":[1,2,"]"],"b":[-1,[2,3],{"c":"]"}],"d":[[1,2],[3]],"e":[ 1 ],"f":[0.5e-3,7]}',
    '{"text":"안녕 \\ud83d\\ude00 😀","n":-0,"t":true}',
  ])("is written byte for byte as it came when none does: %j", (text) => {
    expect(write(text, {})).toBe(text.trimStart());
  });

  it("keeps the bytes of all others", () => {
    const text = '{"z": 9007199254740993, "model" : "chat" ,"a":"\\u00e9","1":1.0}';
    expect(write(text, { model: '"served"', stream: "true" })).toBe(
      '{"z": 9007199254740993, "model" : "served","a":"\\u00e9","1":1.0,"stream":true}',
    );
  });

  it("loses members without leaving a comma behind", () => {
    expect(write('{"a":1,"b":2,"c":3}', { a: null })).toBe('{"b":2,"c":3}');
    expect(write('{"a":1,"b":2,"c":3}', { c: null })).toBe('{"a":1,"b":2}');
    expect(write('{"a":1}', { a: null, b: "2" })).toBe('{"b":2}');
    expect(write('{"a":1}', { a: null, b: null })).toBe("{}");
  });

  it("knows a name that is written with escapes", () => {
    expect(write('{"mo\\u0064el":"x"}', { model: '"y"' })).toBe('{"mo\\u0064el":"y"}');
    expect(new JsonObjectText('{"a\\"b": [1, 2] }').valueText('a"b')).toBe("[1, 2]");
    expect(new JsonObjectText('{"a":1}').valueText("b")).toBeNull();
  });

  it("says each name once: the last of two counts, as for JSON.parse", () => {
    expect(write('{"a":1,"b":0,"a":2}', {})).toBe('{"b":0,"a":2}');
    expect(write('{"a":1,"b":0,"\\u0061":2}', { a: "3" })).toBe('{"b":0,"\\u0061":3}');
    expect(new JsonObjectText('{"a":1,"a":2}').valueText("a")).toBe("2");
  });

  it("refuses nesting that would end a reader's stack", () => {
    const deep = (levels: number) => `{"x":${"[".repeat(levels)}${"]".repeat(levels)}}`;
    expect(() => new JsonObjectText(deep(512))).not.toThrow();
    expect(() => new JsonObjectText(deep(513))).toThrow(JsonTooDeepError);
  });

  it("reads as JSON.parse with the members changed, whatever the object", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.option(fc.jsonValue(), { nil: null })),
        fc.constantFrom(undefined, 1, "\t"),
        (object, changes, indent) => {
          const given = new Map(Object.entries(changes).map(([name, value]) => [name, value === null ? null : JSON.stringify(value)]));
          const names = Object.keys(object);
          // Half of the changes meet a member.
          const [first] = names;
          if (first !== undefined) given.set(first, '"changed"');
          const expected = new Map(Object.entries(JSON.parse(JSON.stringify(object))));
          for (const [name, text] of given)
            if (text === null) expected.delete(name);
            else expected.set(name, JSON.parse(text));
          const written: object = JSON.parse(new JsonObjectText(JSON.stringify(object, null, indent)).write(given));
          expect(new Map(Object.entries(written))).toEqual(expected);
        },
      ),
    );
  });
});

describe("elements put before an array's own", () => {
  it.each([
    ["[]", [], "[]"],
    [" [ ] ", ["1"], "[1 ] "],
    ["[ 10000000000000001 ]", ["1", "2"], "[1,2, 10000000000000001 ]"],
    ["[3]", [], "[3]"],
  ])("%j and %j are %j", (array, elements, expected) => {
    expect(prependToArray(array, elements)).toBe(expected);
  });
});
