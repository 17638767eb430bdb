import { describe, expect, it } from "vitest";
import { AppError } from "@/lib/core/errors";
import { jsonShape, MAX_BODY_BYTES, MAX_JSON_DEPTH, MAX_JSON_VALUES, readJson } from "./read-body";

const post = (body: BodyInit, type = "application/json") =>
  new Request("http://127.0.0.1/", { method: "POST", body, headers: { "content-type": type } });

async function codeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return "accepted";
}

describe("the shape of a text", () => {
  it.each([
    ["1", 0, 1],
    ["{}", 1, 2],
    ['{"a":[{"b":[]}]}', 4, 5],
    ['{"a":"[[[[{{{{,,,,"}', 1, 2],
    ['{"a":"\\"[[[,"}', 1, 2],
    ['{"a":"\\\\","b":[1]}', 2, 4],
    ['["\\u005b\\u002c"]', 1, 2],
    ["]]]][", 0, 2],
    ["[1,2,3]", 1, 4],
  ])("%s is %i deep and holds at most %i values", (text, depth, values) => {
    expect(jsonShape(text)).toEqual({ depth, values });
  });
});

describe("a body", () => {
  it("is read whole, Hangul included", async () => {
    expect(await readJson(post('{"이름":"요약"}', "application/vnd.api+json; charset=utf-8"))).toEqual({ 이름: "요약" });
  });

  it.each([
    ["cut short", '{"a":', "application/json", "invalid_json"],
    ["empty", "", "application/json", "invalid_json"],
    ["a form", "a=1", "application/x-www-form-urlencoded", "unsupported_media_type"],
    ["of a type that only looks like JSON", "{}", "application/jsonp", "unsupported_media_type"],
    ["not UTF-8", new Uint8Array([0x22, 0xff, 0xfe, 0x22]), "application/json", "invalid_json"],
    ["as deep as allowed", "[".repeat(MAX_JSON_DEPTH) + "]".repeat(MAX_JSON_DEPTH), "application/json", "accepted"],
    ["one level deeper", "[".repeat(MAX_JSON_DEPTH + 1) + "]".repeat(MAX_JSON_DEPTH + 1), "application/json", "invalid_json"],
    ["as many values as allowed", `[${"0,".repeat(MAX_JSON_VALUES - 3)}0]`, "application/json", "accepted"],
    ["one value more", `[${"0,".repeat(MAX_JSON_VALUES - 1)}0]`, "application/json", "body_too_large"],
    ["a million levels deep", "[".repeat(1_000_000), "application/json", "invalid_json"],
  ])("that is %s answers as it should", async (_, body, type, code) => {
    expect(await codeOf(readJson(post(body, type)))).toBe(code);
  });

  it("may have exactly the limit, and not a byte more, whatever its announced length says", async () => {
    const text = (bytes: number) => `"${"a".repeat(bytes - 2)}"`;
    expect(await codeOf(readJson(post(text(MAX_BODY_BYTES))))).toBe("accepted");
    expect(await codeOf(readJson(post(text(MAX_BODY_BYTES + 1))))).toBe("body_too_large");
    const announced = new Request("http://127.0.0.1/", {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json", "content-length": String(MAX_BODY_BYTES + 1) },
    });
    expect(await codeOf(readJson(announced))).toBe("body_too_large");
  });
});
