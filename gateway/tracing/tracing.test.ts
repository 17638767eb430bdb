import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import type { TracingOptions } from "./options";
import { createSampler } from "./sampler";
import { readBaggage, readTraceContext, toTraceparent } from "./trace-context";
import { Tracing, toTraceHeaders } from "./tracing";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const good = `00-${TRACE}-${SPAN}-01`;
const options: TracingOptions = {
  url: "http://127.0.0.1:1",
  headers: {},
  sampler: "parentbased_always_on",
  ratio: 1,
  resource: {},
  delayMs: 1,
  timeoutMs: 1,
};

describe("a client's trace context", () => {
  it.each([
    ["as the recommendation writes it", good, { traceId: TRACE, parentId: SPAN, isSampled: true, state: null }],
    ["not sampled", `00-${TRACE}-${SPAN}-00`, { traceId: TRACE, parentId: SPAN, isSampled: false, state: null }],
    [
      "with flags that this version does not know",
      `00-${TRACE}-${SPAN}-03`,
      { traceId: TRACE, parentId: SPAN, isSampled: true, state: null },
    ],
    [
      "of a later version, with more",
      `cc-${TRACE}-${SPAN}-01-what-the-future`,
      { traceId: TRACE, parentId: SPAN, isSampled: true, state: null },
    ],
    ["of this version, with more", `${good}-more`, null],
    ["of the forbidden version", `ff-${TRACE}-${SPAN}-01`, null],
    ["of no trace", `00-${"0".repeat(32)}-${SPAN}-01`, null],
    ["of no span", `00-${TRACE}-${"0".repeat(16)}-01`, null],
    ["in upper case", good.toUpperCase(), null],
    ["too short", good.slice(0, -1), null],
    ["without end", `cc-${TRACE}-${SPAN}-01-${"x".repeat(10_000)}`, null],
    ["that is none", "nonsense", null],
  ])("%s", (_, traceparent, expected) => {
    expect(readTraceContext({ traceparent })).toEqual(expected);
  });

  it.each([
    ["kept in order", "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7", "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"],
    ["spaces between members are no part of them", "a=1 , b=2", "a=1,b=2"],
    ["left away when a member is none", "a=1,=2", null],
    ["left away when a key is in upper case", "A=1", null],
    ["left away when it is too long", `a=${"1".repeat(200)},b=${"1".repeat(200)},c=${"1".repeat(200)}`, null],
    ["left away when it has too many members", Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(","), null],
  ])("with vendors' state: %s", (_, tracestate, state) => {
    expect(readTraceContext({ traceparent: good, tracestate })?.state ?? null).toBe(state);
  });

  it("brings baggage that is header text of at most 8 KiB", () => {
    expect(readBaggage({ baggage: "user=1;p=2,x=%20y" })).toBe("user=1;p=2,x=%20y");
    expect(readBaggage({ baggage: "x".repeat(8_193) })).toBeNull();
    expect(readBaggage({ baggage: "a=\u0001" })).toBeNull();
    expect(readBaggage({})).toBeNull();
  });

  it("is read back from what is written, whatever the ids", () => {
    const hex = (length: number) =>
      fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length }).map((digits) => digits.join(""));
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, parentId, isSampled) => {
        fc.pre(!/^0+$/.test(traceId) && !/^0+$/.test(parentId));
        expect(readTraceContext({ traceparent: toTraceparent(traceId, parentId, isSampled) })).toMatchObject({
          traceId,
          parentId,
          isSampled,
        });
      }),
    );
  });
});

describe("a gateway without a collector", () => {
  const off = new Tracing(null, null);

  it("passes a caller's context on as it came, and begins none", () => {
    expect(off.begin({})).toBeNull();
    expect(off.begin({ traceparent: "nonsense", tracestate: "a=1" })).toBeNull();
    const trace = off.begin({ traceparent: good, tracestate: "a=1", baggage: "b=2" });
    expect(trace === null ? null : toTraceHeaders(trace, null)).toEqual(["traceparent", good, "tracestate", "a=1", "baggage", "b=2"]);
  });
});

describe("a gateway with a collector", () => {
  it("goes on with the caller's trace under its own span, or begins one", () => {
    const on = new Tracing(options, null);
    const joined = on.begin({ traceparent: good });
    expect(joined).toMatchObject({ traceId: TRACE, parentId: SPAN, isSampled: true });
    expect(joined?.spanId).toMatch(/^[0-9a-f]{16}$/);
    const begun = on.begin({});
    expect(begun?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(begun).toMatchObject({ parentId: null, isSampled: true });
    expect(on.begin({})?.traceId).not.toBe(begun?.traceId);
  });

  it("tells the backend when a trace is not sampled, too", () => {
    const trace = new Tracing({ ...options, sampler: "always_off" }, null).begin({ traceparent: good });
    expect(trace === null ? null : toTraceHeaders(trace, "1234567890abcdef")).toEqual(["traceparent", `00-${TRACE}-1234567890abcdef-00`]);
  });

  it("keeps baggage to itself where the operator says so", () => {
    expect(new Tracing(options, null, false).begin({ traceparent: good, baggage: "b=2" })?.baggage).toBeNull();
    expect(new Tracing(null, null, false).begin({ traceparent: good, baggage: "b=2" })?.baggage).toBeNull();
  });
});

describe("a sampler", () => {
  const parent = (isSampled: boolean) => ({ traceId: TRACE, parentId: SPAN, isSampled, state: null });

  it.each([
    ["always_on", false, true],
    ["always_off", true, false],
    ["parentbased_always_on", false, false],
    ["parentbased_always_off", true, true],
    ["parentbased_traceidratio", true, true],
    ["traceidratio", true, false],
  ] as const)("%s with a parent that says %s says %s", (name, isSampled, expected) => {
    expect(createSampler(name, 0)(TRACE, parent(isSampled))).toBe(expected);
  });

  it("by ratio takes the same traces as every larger ratio does, and none at 0, all at 1", () => {
    const some = Array.from({ length: 1_000 }, (_, i) =>
      (BigInt(i) * 0x9e3779b97f4a7c15f39cc0605cedc834n).toString(16).padStart(32, "0").slice(-32),
    );
    const taken = (ratio: number) => some.filter((id) => createSampler("traceidratio", ratio)(id, null));
    expect(taken(0)).toEqual([]);
    expect(taken(1)).toEqual(some);
    const [few, many] = [taken(0.1), taken(0.5)];
    expect(few.every((id) => many.includes(id))).toBe(true);
    expect(few.length).toBeGreaterThan(50);
    expect(few.length).toBeLessThan(200);
  });
});
