import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { HealthRecord, type ProbeVerdict } from "./health";

/** Checks one second apart, the first at 1,000. */
function after(verdicts: readonly ProbeVerdict[], goodCallsMs: readonly number[] = []): HealthRecord {
  const record = new HealthRecord();
  verdicts.forEach((verdict, i) => {
    const startedMs = (i + 1) * 1_000;
    for (const ms of goodCallsMs) if (ms <= startedMs + 500 && ms > startedMs - 500) record.noteGoodCall(ms);
    record.note(verdict, startedMs);
  });
  return record;
}
const healthOf = (...args: Parameters<typeof after>) => after(...args).health;

describe("a backend's health", () => {
  it("is unknown before the first check, and where checks say nothing", () => {
    expect(healthOf([])).toBe("unknown");
    expect(healthOf(["none", "none", "none", "none"])).toBe("unknown");
  });

  it("is good at the first good check, bad at the third bad one in a row, good again at the second good one", () => {
    expect(healthOf(["good"])).toBe("healthy");
    expect(healthOf(["good", "not_ready", "no_answer"])).toBe("healthy");
    expect(healthOf(["good", "not_ready", "no_answer", "not_ready"])).toBe("unhealthy");
    expect(healthOf(["not_ready", "not_ready", "not_ready", "good"])).toBe("unhealthy");
    expect(healthOf(["not_ready", "not_ready", "not_ready", "good", "good"])).toBe("healthy");
    expect(healthOf(["not_ready", "not_ready", "not_ready", "good", "not_ready", "good"])).toBe("unhealthy");
  });

  it("is not lost by checks without an answer while calls succeed, but by the server's own word", () => {
    const calls = [1_900, 2_900, 3_900, 4_900].map((ms) => ms + 200);
    expect(healthOf(["good", "no_answer", "no_answer", "no_answer", "no_answer"], calls)).toBe("healthy");
    expect(healthOf(["good", "not_ready", "not_ready", "not_ready"], calls)).toBe("unhealthy");
    // The last good call was before all of it.
    expect(healthOf(["good", "no_answer", "no_answer", "no_answer"], [1_200])).toBe("unhealthy");
  });

  it("never changes by fewer than the wanted results in a row, whatever came before", () => {
    const verdicts = fc.array(fc.constantFrom<ProbeVerdict>("good", "not_ready", "no_answer", "none"), { maxLength: 40 });
    fc.assert(
      fc.property(verdicts, (given) => {
        const record = new HealthRecord();
        let before = record.health;
        given.forEach((verdict, i) => {
          const changed = record.note(verdict, i);
          expect(changed).toBe(record.health !== before);
          const told = given.slice(0, i + 1).filter((v) => v !== "none");
          const last = (count: number) => told.slice(-count);
          if (changed && record.health === "unhealthy") expect(last(3).every((v) => v !== "good") && last(3).length === 3).toBe(true);
          if (changed && record.health === "healthy" && before === "unhealthy") expect(last(2)).toEqual(["good", "good"]);
          before = record.health;
        });
      }),
    );
  });
});
