import { describe, expect, it } from "vitest";
import { createRelease } from "@/lib/domain/endpoints/api";
import { CACHE_DEFAULTS, isWithin, toNumber, toSettings, toSettingsDraft } from "./settings-draft";

const body = (settings: object) =>
  createRelease.body.parse({
    environment: "production",
    variants: [{ name: "main", model: "m", modelVersion: 1, backends: ["b"] }],
    ...settings,
  });

describe("a release's settings in the form", () => {
  it("that nobody touched ask for nothing but the defaults", () => {
    const asked = toSettings(toSettingsDraft(null));
    expect(asked).toEqual({ calls: {}, cache: null });
    expect(body(asked)).toMatchObject({ calls: {}, cache: null });
  });

  it("filled in from a release ask for the same again", () => {
    const release = {
      calls: { firstByteTimeoutMs: 5_000, answerTimeoutMs: 90_000, maxAttempts: 2, queue: { maxLength: 0, timeoutMs: 500 } },
      cache: {
        mode: "read_only" as const,
        ttlSeconds: 60,
        maxEntryBytes: 2_048,
        scope: "subject" as const,
        deterministicOnly: true,
        onFailure: ["overloaded" as const, "timeout" as const],
        staleSeconds: 120,
      },
    };
    expect(body(toSettings(toSettingsDraft(release)))).toMatchObject(release);
  });

  it("shows as defaults what the API takes for a field that is left out", () => {
    const draft = toSettingsDraft(null);
    const asked = toSettings({ ...draft, cache: { ...draft.cache, mode: "on" } });
    expect(body(asked).cache).toMatchObject(CACHE_DEFAULTS);
  });

  it("of the queue are two numbers together: the one that is left empty is the installation's", () => {
    const draft = toSettingsDraft(null);
    expect(toSettings({ ...draft, queue: { maxLength: "5", timeoutMs: "" } }).calls).toEqual({
      queue: { maxLength: 5, timeoutMs: 10_000 },
    });
    expect(toSettings({ ...draft, queue: { maxLength: "", timeoutMs: "70" } }).calls).toEqual({ queue: { maxLength: 100, timeoutMs: 70 } });
  });

  it("are never emptied into a default by a mistake of typing", () => {
    expect([toNumber(""), toNumber(" 1,000 "), toNumber("12x")]).toEqual([undefined, 1_000, Number.NaN]);
    const bounds = { min: 1, max: 10 };
    expect(["", "1", "10", "0", "11", "1.5", "x"].map((text) => isWithin(text, bounds))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
