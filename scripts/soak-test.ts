/**
 * Holds a gateway under a steady load and watches whether anything in it grows:
 * npx tsx scripts/soak-test.ts [--minutes N] [--rate N] [--table FILE]   (20 minutes, 20 requests a second; Linux)
 *
 * It starts its own copy by `up`; 70 % of the requests are streams, the client leaves 5 %, backends fail 1 % and break off 1 %. Every five
 * seconds it reads the gateway's heap (its own metrics), memory, descriptors and sockets (/proc). The line through what stays of each may
 * not rise: heap and memory by a tenth or 16 MB, descriptors and sockets by ten. Afterwards nothing may be under way, and the log must have
 * every request once. Prints a row a minute; exit code 0 when all is flat.
 */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Copy, createOwnEndpoint, killOne, pidOf, readLog, say, startCopy, stopCopy, waitUntil } from "./crash-test/copy";
import { judgeFlatness, type Sample, type Tolerance } from "./crash-test/flatness";
import { type MixedLoad, startMixedLoad } from "./crash-test/mixed-load";
import { SIM_COUNT } from "./up/settings";

const ENDPOINT = "soak-check";
const SAMPLE_MS = 5_000;
const MIB = 1_048_576;
const BYTES: Tolerance = { share: 0.1, absolute: 16 * MIB };
const COUNT: Tolerance = { share: 0, absolute: 10 };

const WATCHED = {
  heapBytes: BYTES,
  externalBytes: BYTES,
  rssBytes: BYTES,
  descriptors: COUNT,
  sockets: COUNT,
  timers: COUNT,
} as const satisfies Record<string, Tolerance>;
type Watched = keyof typeof WATCHED;
type Reading = Readonly<Record<Watched, number>>;

/** Counts what a process has open; only Linux says. */
function readProcess(pid: number): { rssBytes: number; descriptors: number; sockets: number } {
  const rssKb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  const open = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      // Closed between listing and reading.
      return [];
    }
  });
  return { rssBytes: rssKb * 1_024, descriptors: open.length, sockets: open.filter((name) => name.startsWith("socket:")).length };
}

async function readMetrics(copy: Copy): Promise<(name: string) => number> {
  const text = await (await fetch(`${copy.gatewayUrl}/metrics`)).text();
  return (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

async function readAll(copy: Copy, pid: number): Promise<Reading> {
  const metric = await readMetrics(copy);
  return {
    heapBytes: metric("nodejs_heap_size_used_bytes"),
    externalBytes: metric("nodejs_external_memory_bytes"),
    timers: metric("switchyard_gateway_watched_limits"),
    ...readProcess(pid),
  };
}

const mib = (bytes: number) => (bytes / MIB).toFixed(1);
const HEAD = [
  "minute",
  "heap MB",
  "external MB",
  "rss MB",
  "descriptors",
  "sockets",
  "watched limits",
  "in flight",
  "sent",
  "complete",
  "left",
  "failed",
];

function toRow(minute: number, reading: Reading, load: MixedLoad): string[] {
  const { heapBytes, externalBytes, rssBytes, descriptors, sockets, timers } = reading;
  const { sent, complete, aborted, failed } = load.counts;
  const numbers = [descriptors, sockets, timers, load.inFlight(), sent, complete, aborted, failed].map(String);
  return [String(minute), mib(heapBytes), mib(externalBytes), mib(rssBytes), ...numbers];
}
const toLine = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

async function watch(copy: Copy, load: MixedLoad, minutes: number): Promise<{ samples: Map<Watched, Sample[]>; rows: string[][] }> {
  const pid = pidOf(copy, "gateway");
  const samples = new Map<Watched, Sample[]>(Object.keys(WATCHED).map((name) => [name as Watched, []]));
  const rows: string[][] = [];
  const startedAt = Date.now();
  console.log(toLine(HEAD));
  for (let at = startedAt; Date.now() - startedAt < minutes * 60_000; at += SAMPLE_MS) {
    await sleep(Math.max(0, at + SAMPLE_MS - Date.now()));
    const reading = await readAll(copy, pid);
    for (const [name, list] of samples) list.push({ atMs: Date.now(), value: reading[name] });
    const minute = Math.floor((Date.now() - startedAt) / 60_000);
    if (minute <= rows.length - 1) continue;
    rows.push(toRow(minute, reading, load));
    console.log(toLine(rows.at(-1) ?? []));
  }
  return { samples, rows };
}

/** Backends that err now and then: 1 % answer with an error, 1 % break off. */
async function setFaults(copy: Copy): Promise<void> {
  for (let i = 0; i < SIM_COUNT; i++)
    await fetch(`http://127.0.0.1:${copy.simPort + i}/sim/profiles`, {
      method: "POST",
      body: JSON.stringify({ model: "*", patch: { errorRatio: 0.01, cutRatio: 0.01, maxNumSeqs: 64 } }),
    });
}

function judge(samples: ReadonlyMap<Watched, readonly Sample[]>): string[] {
  return [...samples].flatMap(([name, list]) => {
    const { first, last, growth, isFlat } = judgeFlatness(list, WATCHED[name]);
    const show = (value: number) => (name.endsWith("Bytes") ? `${mib(value)} MB` : value.toFixed(1));
    say(`${name}: ${show(first)} → ${show(last)}, the fitted line rises by ${show(growth)}: ${isFlat ? "flat" : "NOT FLAT"}`);
    return isFlat ? [] : [`${name} grows by ${show(growth)}`];
  });
}

async function checkEnd(copy: Copy, load: MixedLoad, startedAt: number): Promise<string[]> {
  const isIdle = await waitUntil("the gateway to have nothing under way", 30_000, async () => {
    const metric = await readMetrics(copy);
    return metric("switchyard_gateway_in_flight_requests") === 0 && metric("switchyard_gateway_watched_limits") === 0;
  });
  // A client that leaves before its request is there was never seen.
  const least = load.counts.sent - load.counts.aborted;
  const isLogged = await waitUntil(
    "the log to have every request",
    90_000,
    async () => (await readLog(copy, ENDPOINT, startedAt)).length >= least,
  );
  const log = await readLog(copy, ENDPOINT, startedAt);
  const complete = log.filter((l) => l.outcome === "complete").length;
  say(JSON.stringify({ ...load.counts, logged: log.length, loggedComplete: complete }));
  return [
    ...(isIdle ? [] : ["requests or time limits are left over"]),
    ...(isLogged && log.length <= load.counts.sent ? [] : [`the log has ${log.length} requests, the client sent ${load.counts.sent}`]),
    ...(log.some((l) => l.times > 1) ? ["a request is in the log more than once"] : []),
    // An answer may be complete for the gateway whose end the client did not stay for.
    ...(complete >= load.counts.complete && complete <= load.counts.complete + load.counts.aborted
      ? []
      : [`the log has ${complete} complete requests, the client saw ${load.counts.complete}`]),
    ...(load.counts.skipped === 0 ? [] : [`${load.counts.skipped} arrivals were let go`]),
  ];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { minutes: { type: "string", default: "20" }, rate: { type: "string", default: "20" }, table: { type: "string" } },
  });
  const copy = await startCopy();
  let supervisor: number | null = null;
  try {
    await createOwnEndpoint(copy, ENDPOINT);
    await setFaults(copy);
    // The demo's own traffic would be part of what is measured, and its supervisor would start it again.
    supervisor = pidOf(copy, "supervisor");
    process.kill(supervisor, "SIGSTOP");
    killOne(copy, "demo-load");
    await sleep(2_000);
    const startedAt = Date.now();
    const load = startMixedLoad({
      url: copy.gatewayUrl,
      key: copy.gatewayKey,
      endpoint: ENDPOINT,
      perSecond: Number(values.rate),
      streamedRatio: 0.7,
      abortedRatio: 0.05,
      seed: 7,
    });
    const { samples, rows } = await watch(copy, load, Number(values.minutes));
    await load.stop();
    const problems = [...judge(samples), ...(await checkEnd(copy, load, startedAt))];
    if (values.table !== undefined) writeFileSync(values.table, `${[HEAD, HEAD.map(() => "--:"), ...rows].map(toLine).join("\n")}\n`);
    for (const problem of problems) console.log(`VIOLATION ${problem}`);
    console.log(problems.length === 0 ? "Everything held." : `${problems.length} violations.`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    if (supervisor !== null) process.kill(supervisor, "SIGCONT");
    await stopCopy(copy);
  }
}

process.exitCode = await main();
