import { quantile, runClosedLoop, runOpenLoop, runTogether, type Timing, toRequest } from "./load";
import type { BenchProcess } from "./process";

const ROUNDS = 5;
const ROUND_MS = 2_000;
/** A gateway's CPU per request goes on falling for about ten seconds of load. */
const WARM_MS = 12_000;
const CONNECTIONS = 64;
const OPEN_RATE = 500;
/** More than Portkey's gateway can carry. */
const HIGH_RATE = 2_000;
const STREAMS = 50;
const STREAM_MS = 650;
const CHUNKS_PER_STREAM = 66;
const MANY_STREAMS = 2_000;
/** 64 pieces this far apart: all of the many streams are open at once, and the machine can carry their pieces. */
const SLOW_GAP_MS = 250;

export interface Target {
  /** `direct`, `undici` and `gateway` are always there. */
  readonly name: string;
  readonly port: number;
  readonly process: BenchProcess;
  readonly headers: Readonly<Record<string, string>>;
}

interface Measured {
  readonly rps: number;
  readonly cpuUs: number;
  readonly timings: readonly Timing[];
}
type Results = ReadonlyMap<string, readonly Measured[]>;
type Load = (target: Target) => Promise<Timing[]>;

const median = (values: readonly number[]): number => quantile(values, 0.5);
const report = (figure: string, value: number, unit: string): void => {
  process.stdout.write(`${JSON.stringify({ figure: `gateway.${figure}`, value: Number(value.toPrecision(4)), unit })}\n`);
};

const chat = {
  model: "chat",
  user: "bench-user-1",
  temperature: 0.7,
  messages: [
    { role: "system", content: "You are a helpful assistant. ".repeat(6).trim() },
    { role: "user", content: "Say something about a fox, and be brief about it, please." },
  ],
};

async function measure(target: Target, load: Load): Promise<Measured> {
  const cpuBefore = target.process.cpuUs();
  const startMs = performance.now();
  const timings = await load(target);
  const tookMs = performance.now() - startMs;
  return { rps: (timings.length / tookMs) * 1_000, cpuUs: (target.process.cpuUs() - cpuBefore) / timings.length, timings };
}

/** Every target in every round, one after the other, so that whatever else the machine does falls on all alike. */
async function interleave(targets: readonly Target[], load: Load): Promise<Results> {
  const results = new Map<string, Measured[]>(targets.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) for (const target of targets) results.get(target.name)?.push(await measure(target, load));
  return results;
}

const midOf = (results: Results, name: string, read: (m: Measured) => number): number => median((results.get(name) ?? []).map(read));
const timeOf = (results: Results, name: string, { read, share }: { read: (t: Timing) => number; share: number }): number =>
  midOf(results, name, (m) => quantile(m.timings.map(read), share));

/** As many whole answers as 64 connections can get. */
async function measureWhole(targets: readonly Target[], has: (name: string) => boolean): Promise<void> {
  const full = await interleave(targets, ({ port, headers }) =>
    runClosedLoop({ port, request: toRequest(chat, headers), connections: CONNECTIONS, durationMs: ROUND_MS }),
  );
  const rps = (name: string) => midOf(full, name, (m) => m.rps);
  const cpu = (name: string) => midOf(full, name, (m) => m.cpuUs);
  report("rps_per_core", rps("gateway"), "1/s");
  for (const { name } of targets)
    if (name !== "gateway") report(name === "direct" ? "direct_rps" : `${name}_rps_per_core`, rps(name), "1/s");
  if (has("portkey")) report("rps_vs_portkey", rps("gateway") / rps("portkey"), "ratio");
  report("cpu_us_per_request", cpu("gateway"), "us");
  for (const { name } of targets) if (name !== "gateway" && name !== "direct") report(`${name}_cpu_us_per_request`, cpu(name), "us");
  report("cpu_vs_undici", cpu("gateway") / cpu("undici"), "ratio");
}

const atRate =
  (ratePerSecond: number): Load =>
  ({ port, headers }) =>
    runOpenLoop({ port, request: toRequest(chat, headers), connections: 128, durationMs: ROUND_MS, ratePerSecond });

/** What a client waits at a rate that all of them can carry, from when its request was due. */
async function measureLatency(targets: readonly Target[], has: (name: string) => boolean): Promise<void> {
  const open = await interleave(targets, atRate(OPEN_RATE));
  for (const [label, share] of [
    ["p50", 0.5],
    ["p99", 0.99],
  ] as const) {
    const at = (name: string) => timeOf(open, name, { read: (t) => t.totalMs, share });
    report(`direct_${label}_ms`, at("direct"), "ms");
    report(`added_${label}_ms`, at("gateway") - at("direct"), "ms");
    for (const { name } of targets)
      if (name !== "gateway" && name !== "direct") report(`${name}_added_${label}_ms`, at(name) - at("direct"), "ms");
    if (has("portkey")) report(`added_${label}_vs_portkey`, (at("gateway") - at("direct")) / (at("portkey") - at("direct")), "ratio");
    if (label === "p99") report("p99_beyond_undici_ms", at("gateway") - at("undici"), "ms");
  }
}

/** The same at a rate near what a core can carry. */
async function measureHighRate(targets: readonly Target[], has: (name: string) => boolean): Promise<void> {
  const open = await interleave(
    targets.filter(({ name }) => name !== "portkey"),
    atRate(HIGH_RATE),
  );
  const added = (name: string) =>
    timeOf(open, name, { read: (t) => t.totalMs, share: 0.5 }) - timeOf(open, "direct", { read: (t) => t.totalMs, share: 0.5 });
  report("high_rate_added_p50_ms", added("gateway"), "ms");
  report("undici_high_rate_added_p50_ms", added("undici"), "ms");
  if (!has("nginx")) return;
  report("nginx_high_rate_added_p50_ms", added("nginx"), "ms");
  report("high_rate_added_p50_vs_nginx", added("gateway") / added("nginx"), "ratio");
}

/**
 * Streams of 64 pieces 10 ms apart, 50 at a time, that begin evenly spread: begun all at once, and therefore again and again all at once, the
 * first byte would mostly tell how long 49 others take to be admitted.
 */
async function measureStreams(targets: readonly Target[]): Promise<void> {
  const streams = await interleave(targets, ({ port, headers }) =>
    runClosedLoop({
      port,
      request: toRequest({ ...chat, stream: true }, headers),
      connections: STREAMS,
      durationMs: ROUND_MS,
      spreadMs: STREAM_MS,
    }),
  );
  const ttft = (name: string) => timeOf(streams, name, { read: (t) => t.firstByteMs, share: 0.5 });
  const chunk = (name: string) => midOf(streams, name, (m) => m.cpuUs / CHUNKS_PER_STREAM);
  report("added_ttft_ms", ttft("gateway") - ttft("direct"), "ms");
  for (const { name } of targets)
    if (name !== "gateway" && name !== "direct") report(`${name}_added_ttft_ms`, ttft(name) - ttft("direct"), "ms");
  report("chunk_cpu_us", chunk("gateway"), "us");
  report("chunk_cpu_vs_undici", chunk("gateway") / chunk("undici"), "ratio");
}

/** Memory at rest after all that, and at its peak with 2,000 streams open at once. */
async function measureMemory(target: Target): Promise<void> {
  report("rss_mb", target.process.residentMb(), "MB");
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, target.process.residentMb());
  }, 200);
  const request = toRequest({ ...chat, stream: true, seed: SLOW_GAP_MS }, target.headers);
  await runTogether({ port: target.port, request, connections: MANY_STREAMS });
  clearInterval(watch);
  report("rss_2000_streams_mb", peak, "MB");
}

/** Measures all targets in turns and prints a line for each figure. */
export async function measureAll(targets: readonly Target[]): Promise<void> {
  const has = (name: string) => targets.some((target) => target.name === name);
  for (const { port, headers } of targets)
    await runClosedLoop({ port, request: toRequest(chat, headers), connections: CONNECTIONS, durationMs: WARM_MS });
  await measureWhole(targets, has);
  await measureLatency(targets, has);
  await measureHighRate(targets, has);
  await measureStreams(targets);
  for (const target of targets) if (target.name === "gateway") await measureMemory(target);
}
