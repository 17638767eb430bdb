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

  it("is good at the first good check and bad at the third bad one in a row", () => {
    expect(healthOf(["good"])).toBe("healthy");
    expect(healthOf(["good", "not_ready", "no_answer"])).toBe("healthy");
    expect(healthOf(["good", "not_ready", "no_answer", "not_ready"])).toBe("unhealthy");
    expect(healthOf(["not_ready", "not_ready", "not_ready", "good", "good"])).toBe("unhealthy");
  });

  it("is not lost by checks without an answer while calls succeed, but by the server's own word", () => {
    const calls = [1_900, 2_900, 3_900, 4_900].map((ms) => ms + 200);
    expect(healthOf(["good", "no_answer", "no_answer", "no_answer", "no_answer"], calls)).toBe("healthy");
    expect(healthOf(["good", "not_ready", "not_ready", "not_ready"], calls)).toBe("unhealthy");
    // The last good call was before all of it.
    expect(healthOf(["good", "no_answer", "no_answer", "no_answer"], [1_200])).toBe("unhealthy");
  });

  /** When the health of a server changed that is up and down in turn, asked again and again for ten minutes. */
  function switchesOf(flapMs: number, everyMs: number): number[] {
    const record = new HealthRecord();
    const switches: number[] = [];
    for (let ms = 0; ms < 600_000; ms += everyMs)
      if (record.note(Math.floor(ms / flapMs) % 2 === 0 ? "good" : "not_ready", ms) && ms > 0) switches.push(ms);
    return switches;
  }

  it("changes at most once in 30 s where a server is up and down every 5 s, however often it is asked", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 5_000 }), (everyMs) => {
        const switches = switchesOf(5_000, everyMs);
        switches.forEach((ms, i) => {
          if (i > 0) expect(ms - (switches[i - 1] ?? 0)).toBeGreaterThan(30_000);
        });
      }),
    );
  });

  it("ends up bad where a server flaps more slowly, after fewer and fewer returns", () => {
    for (const flapMs of [10_000, 15_000, 20_000, 30_000]) expect(switchesOf(flapMs, 1_000).length).toBeLessThanOrEqual(7);
  });

  it("comes back after 10 good seconds, after 20 where it came back less than a minute before", () => {
    const record = new HealthRecord();
    const note = (verdict: ProbeVerdict, ...ms: number[]) => {
      for (const at of ms) record.note(verdict, at);
    };
    note("good", 0);
    note("not_ready", 70_000, 71_000, 72_000);
    note("good", 73_000, 82_000);
    expect(record.health).toBe("unhealthy");
    note("good", 83_000);
    expect(record.health).toBe("healthy");
    note("not_ready", 90_000, 91_000, 92_000);
    note("good", 93_000, 112_000);
    expect(record.health).toBe("unhealthy");
    note("good", 113_000);
    expect(record.health).toBe("healthy");
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
