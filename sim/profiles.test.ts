import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { loadProfiles, ModelProfile, ProfileError, parseProfiles, patchProfile } from "./profiles";

const problemsOf = (value: unknown): readonly string[] => {
  try {
    parseProfiles(value, "file.json");
  } catch (error) {
    if (error instanceof ProfileError) return error.problems;
    throw error;
  }
  return [];
};

test("the shipped demo profiles are valid", () => {
  const file = loadProfiles(path.join(import.meta.dirname, "profiles/demo.json"));
  expect(Object.keys(file.models).length).toBeGreaterThanOrEqual(3);
});

test.each([
  ["no models", { models: {} }, "models: needs at least one model"],
  ["an unknown field", { models: { a: { errorRate: 0.1 } } }, 'models.a: Unrecognized key: "errorRate"'],
  ["a percent for a ratio", { models: { a: { errorRatio: 5 } } }, "models.a.errorRatio: Too big: expected number to be <=1"],
  ["p95 below the median", { models: { a: { ttftMs: { median: 9, p95: 3 } } } }, "models.a.ttftMs.p95: must not be below the median (ms)"],
  ["no error weight", { models: { a: { errorMix: {} } } }, "models.a.errorMix: needs one weight above 0"],
  [
    "a cache smaller than one request",
    { models: { a: { contextLength: 100, kvCacheTokens: 50 } } },
    "models.a.kvCacheTokens: must not be below contextLength, or a long request could never start",
  ],
  ["text for a number", { models: { a: { tokenMs: "8" } } }, "models.a.tokenMs: Invalid input: expected number, received string"],
])("%s is refused with its path", (_name, value, problem) => {
  expect(problemsOf(value)).toContain(problem);
});

test("all problems are told at once", () => {
  expect(problemsOf({ seed: -1, models: { a: { errorRatio: 2 }, b: { cutRatio: "x" } } })).toHaveLength(3);
});

test("a file that is not JSON and a file that is not there are told with the file's name", () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "sim-")), "broken.json");
  writeFileSync(file, "{");
  expect(() => loadProfiles(file)).toThrow(/broken\.json/);
  expect(() => loadProfiles(`${file}.missing`)).toThrow(/ENOENT/);
});

test("a patch replaces the named fields and keeps the others", () => {
  const before = ModelProfile.parse({ tokenMs: 3, errorRatio: 0.1 });
  expect(patchProfile(before, { errorRatio: 0.5 })).toEqual({ ...before, errorRatio: 0.5 });
  expect(() => patchProfile(before, { errorRatio: 5 })).toThrow(ProfileError);
});
