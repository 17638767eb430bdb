import { describe, expect, it } from "vitest";
import { CACHE_MODES } from "@/lib/contracts/cache";
import { AppError } from "@/lib/core/errors";
import type { RuntimeProject } from "../config/runtime-config";
import { type AnswerPlace, toEntryPlace, toProjectKeys } from "./cache-key";
import { decideCacheUse, readCacheWish } from "./cache-use";
import { LookUpCircuit } from "./look-up-circuit";
import { openAnswer, type StoredAnswer, sealAnswer } from "./sealed-answer";

const project = (id: string): RuntimeProject => ({ id, slug: id, subjectKey: `subject key of ${id}`, prompts: new Map() });
const keysOf = (id: string) => toProjectKeys(project(id), `subject key of ${id}`);
const place: AnswerPlace = {
  projectId: "prj_1",
  environment: "production",
  endpointId: "ept_1",
  purges: 0,
  space: "a".repeat(64),
  variant: "main",
  operation: "chat",
  form: "whole",
  audience: "",
};
const answer = (body: Buffer): StoredAnswer => ({
  atMs: 1_763_600_000_000,
  contentType: "application/json",
  counts: { inputTokens: 10, outputTokens: 5, cachedTokens: 0, estimated: false, answerChars: 11 },
  body,
});

describe("where an answer lies", () => {
  it("changes with everything that it depends on, and with the project's key", () => {
    const others: Partial<AnswerPlace>[] = [
      { projectId: "prj_2" },
      { environment: "staging" },
      { endpointId: "ept_2" },
      { purges: 1 },
      { space: "b".repeat(64) },
      { variant: "other" },
      { operation: "completion" },
      { form: "stream" },
      { audience: "gwk_1" },
    ];
    const names = [
      toEntryPlace(keysOf("prj_1"), place, "{}").name,
      toEntryPlace(keysOf("prj_2"), place, "{}").name,
      toEntryPlace(keysOf("prj_1"), place, '{"a":1}').name,
      ...others.map((parts) => toEntryPlace(keysOf("prj_1"), { ...place, ...parts }, "{}").name),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(toEntryPlace(keysOf("prj_1"), { ...place }, "{}").name).toBe(names[0]);
  });
});

describe("a sealed answer", () => {
  it.each([0, 100, 100_000])("of %i bytes opens to what it was, with its project's key and at its place only", async (size) => {
    const { sealing } = keysOf("prj_1");
    const given = answer(Buffer.alloc(size, "text of an answer "));
    const sealed = await sealAnswer(sealing, "name", given);
    expect(openAnswer(sealing, "name", sealed)).toEqual(given);
    expect(openAnswer(keysOf("prj_2").sealing, "name", sealed)).toBeNull();
    expect(openAnswer(sealing, "another name", sealed)).toBeNull();
    expect(sealed.includes("text of an answer")).toBe(false);
  });

  it("does not open when any byte of it was changed, or when it is cut", async () => {
    const { sealing } = keysOf("prj_1");
    const sealed = await sealAnswer(sealing, "name", answer(Buffer.from("short")));
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8((changed[at] ?? 0) ^ 1, at);
      expect(openAnswer(sealing, "name", changed)).toBeNull();
      expect(openAnswer(sealing, "name", sealed.subarray(0, at))).toBeNull();
    }
  });
});

describe("what a request may do with stored answers", () => {
  it("is never more than its release permits, and never more than it asks for", () => {
    for (const permitted of CACHE_MODES) {
      const own = decideCacheUse(permitted, null);
      for (const asked of CACHE_MODES) {
        const use = decideCacheUse(permitted, asked);
        const wanted = decideCacheUse(asked, null);
        expect(use.reads).toBe(own.reads && wanted.reads);
        expect(use.stores).toBe(own.stores && wanted.stores);
        if (use.standsIn) expect([own.standsIn, asked === "on" || asked === "read_only"]).toEqual([true, true]);
      }
    }
    expect(decideCacheUse("on", "on")).toEqual({ reads: true, stores: true, standsIn: true });
    expect(decideCacheUse("on", "off")).toEqual({ reads: false, stores: false, standsIn: false });
  });

  it("is read from its header in any spelling, and a mistake is told", () => {
    expect([undefined, "", "READ-ONLY", "read_only", "Off"].map(readCacheWish)).toEqual([null, null, "read_only", "read_only", "off"]);
    expect(() => readCacheWish("sometimes")).toThrow(AppError);
  });
});

describe("look-ups of a Redis that does not answer", () => {
  it("are left out after five, and tried one at a time, after a rest that doubles", () => {
    const circuit = new LookUpCircuit();
    for (let i = 0; i < 5; i++) {
      expect(circuit.permits(0)).toBe(true);
      circuit.note(false, 0);
    }
    let nowMs = 0;
    for (const restMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      expect(circuit.permits(nowMs + restMs - 1)).toBe(false);
      nowMs += restMs;
      expect([circuit.permits(nowMs), circuit.permits(nowMs)]).toEqual([true, false]);
      circuit.note(false, nowMs);
    }
    expect(circuit.permits(nowMs + 30_000)).toBe(true);
    circuit.note(true, nowMs + 30_000);
    expect([circuit.permits(nowMs), circuit.permits(nowMs)]).toEqual([true, true]);
  });

  it("are made as ever while one of five is answered", () => {
    const circuit = new LookUpCircuit();
    for (let i = 0; i < 50; i++) {
      expect(circuit.permits(i)).toBe(true);
      circuit.note(i % 5 === 4, i);
    }
  });
});
