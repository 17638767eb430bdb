import { pathToFileURL } from "node:url";
import { Agent } from "undici";
import { type Reply, sendRequest } from "./load-client";
import { type LoadConfig, type LoadConfigInput, parseLoadConfig, readLoadConfig } from "./load-config";
import { type ClientLedger, type ClientOutcome, openClientLedger } from "./load-ledger";
import { buildRequest, type LoadRequest, scoreOf } from "./load-request";
import { createScorePoster, createScoreQueue, type PostScores, type ScoreCounts, type ScoreQueue } from "./load-scores";
import { openServedModels, type ServedModels } from "./load-served";

export type LoadCounts = Record<ClientOutcome, number> & {
  sent: number;
  inFlight: number;
  /** Arrivals that were let go because `maxInFlight` requests were under way. */
  skipped: number;
  tokens: number;
  /** Complete answers that were to be scored but whose model, or request id, is not known. */
  unscored: number;
  /** Lines that the ledger file did not take: its slot stays closed. */
  ledgerErrors: number;
  /** Of the last request that was not complete. */
  lastProblem: string | null;
  scores: ScoreCounts | null;
};

export type Load = {
  counts: () => LoadCounts;
  /** Resolves when the load has ended, by `stop` or by its own limits; all is written by then. */
  done: Promise<void>;
  /** Sends nothing new, waits `graceMs` for what is under way, then breaks it off. */
  stop: () => Promise<void>;
};

/** What a caller may replace. */
export type LoadHooks = {
  postScores?: PostScores;
  /** The served model name behind a reply; null leaves it unscored. */
  servedModelOf?: (reply: Reply) => string | null;
  /** Takes the status line; standard output by default. */
  report?: (line: string) => void;
};

/** Starts to send; throws where the configuration is wrong or its files cannot be read. */
export async function startLoad(input: LoadConfigInput, hooks: LoadHooks = {}): Promise<Load> {
  const config = parseLoadConfig(input);
  const served = await openServedModels(config);
  const ledger = config.ledgerFile === null ? null : await openClientLedger(config.ledgerFile);
  return runLoad({ config, served, ledger, scores: openScores(config, hooks), hooks });
}

type Parts = { config: LoadConfig; served: ServedModels; ledger: ClientLedger | null; scores: ScoreQueue | null; hooks: LoadHooks };

function runLoad({ config, served, ledger, scores, hooks }: Parts): Load {
  const agent = new Agent({ connections: config.maxInFlight, pipelining: 1 });
  const controllers = new Set<AbortController>();
  const report = hooks.report ?? ((line: string) => process.stdout.write(`${line}\n`));
  const servedModelOf = hooks.servedModelOf ?? ((reply: Reply) => config.servedModels[reply.modelVersion ?? ""] ?? reply.model);
  const counts = { sent: 0, complete: 0, failed: 0, cut: 0, refused: 0, skipped: 0, tokens: 0, unscored: 0, ledgerErrors: 0 };
  const underWay = new Set<Promise<void>>();
  const recent = { ttftMs: [] as number[], totalMs: [] as number[] };
  let closedSlots = 0;
  let lastProblem: string | null = null;
  let arrival: NodeJS.Timeout | null = null;
  let ended: Promise<void> | null = null;

  const read = (): LoadCounts => ({ ...counts, inFlight: underWay.size, lastProblem, scores: scores?.counts() ?? null });

  const score = (load: LoadRequest, reply: Reply): void => {
    if (!scores || !load.isScored || reply.outcome !== "complete") return;
    const name = servedModelOf(reply);
    const model = name === null ? null : served.find(name);
    if (!model || reply.requestId === null) {
      counts.unscored += 1;
      return;
    }
    const value = scoreOf({ config, request: load, served: model });
    scores.add({ requestId: reply.requestId, metric: load.endpoint.metric, value, evaluator: config.evaluator });
  };

  const handle = async (load: LoadRequest): Promise<void> => {
    const reply = await sendRequest(config, load, { agent, controllers });
    const { requestId, status, outcome, tokens } = reply;
    counts[outcome] += 1;
    counts.tokens += tokens ?? 0;
    lastProblem = reply.problem ?? lastProblem;
    if (outcome === "complete") {
      recent.totalMs.push(reply.totalMs);
      if (reply.ttftMs !== null) recent.ttftMs.push(reply.ttftMs);
    }
    const record = { at: new Date().toISOString(), requestId, endpoint: load.endpoint.name, status, outcome };
    try {
      await ledger?.append(tokens === null ? record : { ...record, tokens });
    } catch {
      counts.ledgerErrors += 1;
      closedSlots += 1;
      return;
    }
    score(load, reply);
  };

  const send = (load: LoadRequest): void => {
    if (underWay.size + closedSlots >= config.maxInFlight) {
      counts.skipped += 1;
      return;
    }
    counts.sent += 1;
    const running = handle(load).finally(() => underWay.delete(running));
    underWay.add(running);
  };

  let dueAt = performance.now();
  const arrive = (number: number): void => {
    const load = buildRequest(config, number);
    dueAt += load.gapMs;
    arrival = setTimeout(
      () => {
        send(load);
        const isLast = config.maxRequests !== null && number + 1 - config.firstRequest >= config.maxRequests;
        if (isLast) void stop(null);
        else arrive(number + 1);
      },
      Math.max(0, dueAt - performance.now()),
    );
  };

  const status = () => report(statusLine(read(), recent));
  const ticker = setInterval(status, config.statusSeconds * 1000);
  const limit = config.durationSeconds === null ? null : setTimeout(() => void stop(config.graceMs), config.durationSeconds * 1000);

  const finish = async (): Promise<void> => {
    if (arrival) clearTimeout(arrival);
    if (limit) clearTimeout(limit);
    await Promise.all(underWay);
    for (const timer of breakOffs) clearTimeout(timer);
    await scores?.close(3000);
    await ledger?.close();
    served.close();
    await agent.close();
    clearInterval(ticker);
    status();
    settle();
  };
  const breakOffs: NodeJS.Timeout[] = [];
  const breakOff = () => {
    for (const controller of controllers) controller.abort();
  };
  /** A null grace waits as long as requests take; a later stop may still set one. */
  const stop = (graceMs: number | null): Promise<void> => {
    if (graceMs !== null) breakOffs.push(setTimeout(breakOff, graceMs));
    ended ??= finish();
    return ended;
  };
  let settle: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  arrive(config.firstRequest);
  return { counts: read, done, stop: () => stop(config.graceMs) };
}

function openScores(config: LoadConfig, { postScores }: LoadHooks): ScoreQueue | null {
  if (postScores) return createScoreQueue(postScores);
  const { webUrl, apiToken } = config;
  return webUrl === null || apiToken === null ? null : createScoreQueue(createScorePoster({ webUrl, apiToken }));
}

/** One line of JSON; the percentiles are of complete answers since the line before, null where there were none. */
function statusLine(counts: LoadCounts, recent: { ttftMs: number[]; totalMs: number[] }): string {
  const take = (values: number[], share: number): number | null => {
    const sorted = values.toSorted((a, b) => a - b);
    const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    return value === undefined ? null : Math.round(value);
  };
  const figures = { ttftMsP50: take(recent.ttftMs, 0.5), totalMsP50: take(recent.totalMs, 0.5), totalMsP95: take(recent.totalMs, 0.95) };
  recent.ttftMs = [];
  recent.totalMs = [];
  return JSON.stringify({ at: new Date().toISOString(), process: "load", ...counts, ...figures });
}

async function main(): Promise<void> {
  const load = await startLoad(readLoadConfig(process.argv.slice(2)));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void load.stop());
  await load.done;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
