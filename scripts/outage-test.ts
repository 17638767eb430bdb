/**
 * Takes web, worker, Redis and PostgreSQL away for some minutes while requests go on through two gateways, and kills one of the gateways
 * every 30 s meanwhile: npx tsx scripts/outage-test.ts [--minutes N] [--rate N]   (10 minutes, 5 requests a second at each gateway; Linux)
 *
 * It starts its own copy by `up`, stops its supervisor (so that nothing comes back by itself), kills everything of the control plane, and
 * lets the supervisor go on afterwards. The client of the gateway that is not killed must see no error at all, the client of the other one
 * only from a kill until that gateway is back, which it must be from its disk alone. Five minutes after the control plane came back every
 * request that a client saw finish must be in the log, once; and what is logged as complete, the client saw or lost the answer of. Each
 * client must have had at least half of the requests that it was to make answered during the outage: without any, nothing was tested.
 * Exit code 0 when everything held.
 */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startLoad } from "../sim/load";
import { compareLedger } from "./crash-test/compare";
import {
  type Copy,
  createOwnEndpoint,
  isOk,
  killOne,
  pidOf,
  readLedger,
  readLog,
  say,
  startCopy,
  stopCopy,
  waitUntil,
} from "./crash-test/copy";
import { findAddedErrors, findTooFew, type Gap, type TimedLine } from "./crash-test/outage";
import { type OwnGateway, startOwnGateway } from "./crash-test/own-gateway";
import { SIM_COUNT } from "./up/settings";

const ENDPOINT = "outage-check";
const CONTROL_PLANE = ["web", "worker", "redis", "postgres"] as const;
const BEFORE_MS = 20_000;
const KILL_EVERY_MS = 30_000;
const SETTLE_LIMIT_MS = 300_000;

interface Client {
  readonly ledgerFile: string;
  stop(): Promise<void>;
}

async function startClient(
  copy: Copy,
  { name, url, rate, seed }: { name: string; url: string; rate: number; seed: number },
): Promise<Client> {
  const ledgerFile = path.join(copy.folder, `${name}.jsonl`);
  const load = await startLoad(
    {
      gatewayUrl: url,
      gatewayKey: copy.gatewayKey,
      endpoints: [{ name: ENDPOINT, kind: "triage" }],
      requestsPerSecond: rate,
      maxInFlight: 256,
      ledgerFile,
      seed,
    },
    { report: () => {} },
  );
  let stopping: Promise<void> | null = null;
  return { ledgerFile, stop: () => (stopping ??= load.stop()) };
}

/** The simulated backends must not err: every error is then one of ours. */
async function calmBackends(copy: Copy): Promise<void> {
  for (let i = 0; i < SIM_COUNT; i++)
    await fetch(`http://127.0.0.1:${copy.simPort + i}/sim/profiles`, {
      method: "POST",
      body: JSON.stringify({ model: "*", patch: { errorRatio: 0, cutRatio: 0 } }),
    });
}

/** Kills the gateway and starts it from its disk, again and again, until the time is over. */
async function killAgainAndAgain(gateway: OwnGateway, untilMs: number): Promise<{ gaps: Gap[]; startsMs: number[] }> {
  const [gaps, startsMs]: [Gap[], number[]] = [[], []];
  while (Date.now() + KILL_EVERY_MS < untilMs) {
    await sleep(KILL_EVERY_MS);
    const fromMs = Date.now();
    startsMs.push(await gateway.restart());
    gaps.push({ fromMs, toMs: Date.now() });
  }
  await sleep(Math.max(0, untilMs - Date.now()));
  return { gaps, startsMs };
}

interface Outage {
  readonly gaps: Gap[];
  readonly startsMs: number[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** Takes the control plane away for a time. Its supervisor goes on afterwards, whatever happened. */
async function takeAway(copy: Copy, own: OwnGateway, minutes: number): Promise<Outage> {
  const supervisor = pidOf(copy, "supervisor");
  process.kill(supervisor, "SIGSTOP");
  try {
    killOne(copy, "demo-load");
    for (const name of CONTROL_PLANE) killOne(copy, name);
    const fromMs = Date.now();
    const killed = await killAgainAndAgain(own, fromMs + minutes * 60_000);
    return { ...killed, fromMs, toMs: Date.now() };
  } finally {
    process.kill(supervisor, "SIGCONT");
  }
}

const read = (client: Client) => readLedger(client.ledgerFile) as TimedLine[];

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" }, rate: { type: "string", default: "5" } } });
  const rate = Number(values.rate);
  const minutes = Number(values.minutes);
  const copy = await startCopy();
  let own: OwnGateway | null = null;
  const clients: Client[] = [];
  try {
    await createOwnEndpoint(copy, ENDPOINT);
    await calmBackends(copy);
    own = await startOwnGateway(copy, "killed-again");
    const startedAt = Date.now();
    const steady = await startClient(copy, { name: "steady", url: copy.gatewayUrl, rate, seed: 7 });
    clients.push(steady);
    const shaken = await startClient(copy, { name: "shaken", url: own.url, rate, seed: 8 });
    clients.push(shaken);
    await sleep(BEFORE_MS);

    const outage = await takeAway(copy, own, minutes);
    const { gaps, startsMs, toMs: backAt } = outage;
    say(`the control plane may come back; ${startsMs.length} cold starts, ${startsMs.map((ms) => Math.round(ms)).join(", ")} ms`);

    const before = [...read(steady), ...read(shaken)].filter((l) => l.outcome === "complete" && Date.parse(l.at) < backAt);
    const isBack = await waitUntil("the control plane to be back", SETTLE_LIMIT_MS, () => isOk(`${copy.webUrl}/readyz`));
    say(`web answers after ${((Date.now() - backAt) / 1_000).toFixed(1)} s`);
    const isSettled = await waitUntil("the usage of the outage to be in PostgreSQL", SETTLE_LIMIT_MS - (Date.now() - backAt), async () => {
      const log = new Set((await readLog(copy, ENDPOINT, startedAt)).map((l) => l.requestId));
      return before.every((l) => l.requestId !== null && log.has(l.requestId));
    });
    say(`the usage of ${before.length} requests of the outage is in PostgreSQL after ${((Date.now() - backAt) / 1_000).toFixed(1)} s`);

    await Promise.all(clients.map((client) => client.stop()));
    const finished = [...read(steady), ...read(shaken)];
    const isDone = await waitUntil("the last requests to be in PostgreSQL", 120_000, async () => {
      const log = new Set((await readLog(copy, ENDPOINT, startedAt)).map((l) => l.requestId));
      return finished.every((l) => l.outcome !== "complete" || (l.requestId !== null && log.has(l.requestId)));
    });
    const comparison = compareLedger(finished, await readLog(copy, ENDPOINT, startedAt), ENDPOINT);
    const [added, addedShaken] = [findAddedErrors(read(steady), []), findAddedErrors(read(shaken), gaps)];
    const slowest = Math.max(0, ...startsMs);
    const problems = [
      ...(isBack ? [] : ["the control plane did not come back"]),
      ...(isSettled && isDone ? [] : ["usage was not settled in time"]),
      ...(startsMs.length === 0 ? ["no gateway was killed: ask for more than half a minute"] : []),
      ...[steady, shaken].flatMap((client) => findTooFew(read(client), { ...outage, rate }) ?? []),
      ...[...added, ...addedShaken].map((l) => `an error that nobody caused: ${JSON.stringify(l)}`),
      ...comparison.problems,
    ];
    say(JSON.stringify({ minutes, rate, coldStarts: startsMs.length, slowestColdStartMs: Math.round(slowest) }));
    say(
      JSON.stringify({
        addedErrors: added.length + addedShaken.length,
        lostToKills: read(shaken).filter((l) => l.outcome !== "complete").length,
      }),
    );
    say(JSON.stringify(comparison.counts));
    for (const problem of problems) console.log(`VIOLATION ${problem}`);
    console.log(problems.length === 0 ? "Everything held." : `${problems.length} violations.`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await Promise.allSettled(clients.map((client) => client.stop()));
    own?.kill();
    await stopCopy(copy);
  }
}

process.exitCode = await main();
