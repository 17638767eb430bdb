import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { eventually } from "@/test/eventually";
import { type SimBackend, startSimBackend } from "./backend";
import { startLoad } from "./load";
import { type LoadConfigInput, parseLoadConfig, readLoadConfig } from "./load-config";
import { QUESTION_TEMPLATES } from "./load-corpus";
import { type ClientRecord, openClientLedger } from "./load-ledger";
import { buildRequest, scoreOf } from "./load-request";
import { createScoreQueue, type Score, ScoreRefused } from "./load-scores";
import type { ModelProfileInput } from "./profiles";

const FAST: ModelProfileInput = { ttftMs: { median: 0, p95: 0 }, tokenMs: 0 };
const open: SimBackend[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((backend) => backend.close()));
});
async function startSim(models: Record<string, ModelProfileInput>): Promise<SimBackend> {
  const backend = await startSimBackend({ profiles: { models } });
  open.push(backend);
  return backend;
}
const temporaryFile = (name: string) => path.join(mkdtempSync(path.join(tmpdir(), "load-")), name);
const linesOf = (file: string): ClientRecord[] =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const config = (over: Partial<LoadConfigInput> = {}): LoadConfigInput => ({
  gatewayUrl: "http://127.0.0.1:9",
  gatewayKey: "sk-test",
  endpoints: [{ name: "support-chat", kind: "support" }],
  requestsPerSecond: 500,
  ...over,
});

test("the corpus has at least 40 questions in two languages", () => {
  const all = Object.values(QUESTION_TEMPLATES).flatMap(({ ko, en }) => [...ko, ...en]);
  expect(new Set(all).size).toBeGreaterThanOrEqual(40);
});

test("prompts get longer after as many requests as the endpoint says, and nothing else about them changes", () => {
  const plain = parseLoadConfig(config({ firstRequest: 1_000 }));
  const longer = parseLoadConfig(config({ firstRequest: 1_000, endpoints: [{ name: "support-chat", kind: "support", historyAfter: 50 }] }));
  const contentOf = (request: ReturnType<typeof buildRequest>) => JSON.stringify(request.body.messages).length;
  for (let number = 1_000; number < 1_100; number++) {
    const [was, is] = [buildRequest(plain, number), buildRequest(longer, number)];
    expect(contentOf(is) > contentOf(was) + 50, String(number)).toBe(number >= 1_050);
    expect({ ...is, endpoint: null, body: null }).toEqual({ ...was, endpoint: null, body: null });
    expect(buildRequest(longer, number)).toEqual(is);
  }
});

test("a request is a function of the configuration and its number", () => {
  const parsed = parseLoadConfig(
    config({
      endpoints: [
        { name: "a", kind: "triage" },
        { name: "b", kind: "summary", weight: 3 },
      ],
    }),
  );
  const all = Array.from({ length: 4000 }, (_, number) => buildRequest(parsed, number));
  expect(buildRequest(parsed, 17)).toEqual(all[17]);
  const share = (isOne: (request: (typeof all)[number]) => boolean) => all.filter(isOne).length / all.length;
  const near = (value: number, expected: number) =>
    expect(Math.abs(value - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / all.length));
  near(
    share(({ endpoint }) => endpoint.name === "b"),
    0.75,
  );
  near(
    share(({ isStreamed }) => isStreamed),
    0.6,
  );
  near(
    share(({ question }) => /[가-힣]/.test(question)),
    0.6,
  );
  const gap = all.reduce((sum, { gapMs }) => sum + gapMs, 0) / all.length;
  expect(Math.abs(gap - 2)).toBeLessThan((4 * 2) / Math.sqrt(all.length));
  expect(new Set(all.map(({ subject }) => subject)).size).toBeGreaterThan(200);
  expect(all.every(({ question, subject }) => !question.includes("{") && /^cust-[0-9a-f]{8}-\d+$/.test(subject))).toBe(true);
});

test("prompt variables are filled like the question", () => {
  const endpoints = [{ name: "a", kind: "support" as const, variables: { customer: "{name}", text: "<{question}>", fixed: "{other}" } }];
  const { body, question } = buildRequest(parseLoadConfig(config({ endpoints })), 1);
  expect(body.switchyard).toEqual({ variables: { customer: expect.stringMatching(/^[^{}]+$/), text: `<${question}>`, fixed: "{other}" } });
});

test("scores of a better model are higher by the difference of the qualities, and a subject is as strict each time", () => {
  const parsed = parseLoadConfig(config());
  const meanScore = (mean: number, model: string) => {
    const values = Array.from({ length: 3000 }, (_, number) =>
      scoreOf({ config: parsed, request: buildRequest(parsed, number), served: { model, seed: 1, quality: { mean, spread: 0.1 } } }),
    );
    return values.reduce((a, b) => a + b) / values.length;
  };
  expect(Math.abs(meanScore(0.7, "b") - meanScore(0.6, "a") - 0.1)).toBeLessThan(0.012);
  const strict = (subject: string, number: number) =>
    scoreOf({
      config: { ...parsed, scoreNoise: 0 },
      request: { subject, number, question: "q" },
      served: { model: "m", seed: 1, quality: { mean: 0.5, spread: 0 } },
    });
  expect(strict("cust-1", 1)).toBe(strict("cust-1", 2));
  expect(strict("cust-1", 1)).not.toBe(strict("cust-2", 1));
});

test("every request of a load is in its ledger with the outcome that the server has for it", async () => {
  const backend = await startSim({ "support-chat": { ...FAST, errorRatio: 0.15, errorMix: { "500": 1, "429": 1 }, cutRatio: 0.1 } });
  const ledgerFile = temporaryFile("ledger.jsonl");
  const report = vi.fn<(line: string) => void>();
  const load = await startLoad(config({ gatewayUrl: backend.url, maxRequests: 200, maxInFlight: 64, ledgerFile }), { report });
  await load.done;
  const records = linesOf(ledgerFile);
  const { sent, skipped, complete, failed, cut, refused, tokens, inFlight } = load.counts();
  expect([sent + skipped, records.length, inFlight]).toEqual([200, sent, 0]);
  expect(complete + failed + cut + refused).toBe(sent);
  const served = new Map(backend.ledger().map((entry) => [entry.requestId, entry]));
  expect(served.size).toBe(sent);
  for (const { requestId, outcome, status, tokens } of records) {
    const entry = served.get(requestId);
    const same = entry?.outcome === "failed" ? (entry.status === 429 ? "refused" : "failed") : entry?.outcome;
    expect({ outcome, status }, requestId ?? "").toEqual({ outcome: same, status: entry?.status });
    if (outcome === "complete") expect(tokens).toBe(entry?.completionTokens);
  }
  expect(Math.min(complete, failed, cut, refused)).toBeGreaterThan(0);
  expect(tokens).toBeGreaterThan(0);
  expect(JSON.parse(report.mock.lastCall?.[0] ?? "")).toMatchObject({ process: "load", sent, complete, scores: null });
});

test("complete answers are scored by the model that served them, their share as configured", async () => {
  const backend = await startSim({
    good: { ...FAST, quality: { mean: 0.9, spread: 0.02 } },
    bad: { ...FAST, quality: { mean: 0.3, spread: 0.02 } },
  });
  const posted: Score[] = [];
  const endpoints = [
    { name: "good", kind: "support" as const, metric: "helpfulness" },
    { name: "bad", kind: "triage" as const, metric: "accuracy" },
  ];
  const load = await startLoad(
    config({ gatewayUrl: backend.url, simUrls: [backend.url], endpoints, maxRequests: 150, maxInFlight: 64, scoredRatio: 0.5 }),
    { postScores: async (scores) => void posted.push(...scores), report: () => undefined },
  );
  await load.done;
  expect(load.counts()).toMatchObject({ unscored: 0, scores: { posted: posted.length, refused: 0, dropped: 0, waiting: 0 } });
  expect(posted.length).toBeGreaterThan(40);
  expect(posted.length).toBeLessThan(110);
  expect(new Set(posted.map(({ requestId }) => requestId)).size).toBe(posted.length);
  for (const { metric, value, evaluator } of posted) {
    expect(evaluator).toBe("auto");
    expect(value > 0.6 ? "helpfulness" : "accuracy").toBe(metric);
  }
});

test("an answer of a model that nobody knows is not scored but counted", async () => {
  const backend = await startSim({ mystery: FAST });
  const load = await startLoad(
    config({ gatewayUrl: backend.url, endpoints: [{ name: "mystery", kind: "support" }], maxRequests: 5, scoredRatio: 1 }),
    {
      postScores: () => Promise.reject(new Error("not expected")),
      report: () => undefined,
    },
  );
  await load.done;
  expect(load.counts()).toMatchObject({ complete: 5, unscored: 5, scores: { posted: 0, waiting: 0 } });
});

test("a gateway that is away gives failed requests, and no more are under way than allowed", async () => {
  const load = await startLoad(config({ maxRequests: 20, maxInFlight: 2 }), { report: () => undefined });
  await load.done;
  const { sent, failed, skipped } = load.counts();
  expect(failed).toBe(sent);
  expect(sent + skipped).toBe(20);
});

test("beyond maxInFlight arrivals are skipped, and a stop breaks off what is under way", async () => {
  const backend = await startSim({ "support-chat": { ...FAST, tokenMs: 1000, outputTokens: { median: 4000, p95: 4000 } } });
  const ledgerFile = temporaryFile("ledger.jsonl");
  const load = await startLoad(config({ gatewayUrl: backend.url, maxInFlight: 3, streamedRatio: 1, graceMs: 50, ledgerFile }), {
    report: () => undefined,
  });
  await eventually(() => expect(load.counts().skipped).toBeGreaterThan(5));
  expect(load.counts()).toMatchObject({ sent: 3, inFlight: 3 });
  expect(backend.stats()["support-chat"]?.running).toBe(3);
  await load.stop();
  expect(load.counts()).toMatchObject({ sent: 3, cut: 3, inFlight: 0 });
  expect(linesOf(ledgerFile).map(({ outcome }) => outcome)).toEqual(["cut", "cut", "cut"]);
  await eventually(() => expect(backend.stats()["support-chat"]).toMatchObject({ running: 0, aborted: 3 }));
});

test("a stream that ends with an error event, or without [DONE], is cut whatever came before", async () => {
  const endings = ['data: {"error":{"message":"upstream_truncated"}}\n\ndata: [DONE]\n\n', "", "data: [DONE]\r\n\r\n"];
  let served = 0;
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "x-switchyard-request-id": `req_${served}` });
    response.end(`: ping\r\n\r\ndata: {"model":"m","choices":[{"index":0,"delta":{"content":"안녕"}}]}\r\n\r\n${endings[served++]}`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const ledgerFile = temporaryFile("ledger.jsonl");
  const load = await startLoad(
    config({ gatewayUrl: `http://127.0.0.1:${port}`, maxRequests: 3, maxInFlight: 3, streamedRatio: 1, requestsPerSecond: 50, ledgerFile }),
    { report: () => undefined },
  );
  await load.done;
  server.close();
  const outcomes = Object.fromEntries(linesOf(ledgerFile).map(({ requestId, outcome }) => [requestId, outcome]));
  expect(outcomes).toEqual({ req_0: "cut", req_1: "cut", req_2: "complete" });
});

test("the ledger file keeps every line of parallel writers, in order, over a reopening", async () => {
  const file = temporaryFile("ledger.jsonl");
  const record = (requestId: string): ClientRecord => ({
    at: "2026-11-20T00:00:00Z",
    requestId,
    endpoint: "e",
    status: 200,
    outcome: "complete",
  });
  for (const round of ["a", "b"]) {
    const ledger = await openClientLedger(file);
    await Promise.all(Array.from({ length: 100 }, (_, i) => ledger.append(record(`${round}${i}`))));
    await ledger.close();
  }
  const ids = ["a", "b"].flatMap((round) => Array.from({ length: 100 }, (_, i) => `${round}${i}`));
  expect(linesOf(file).map(({ requestId }) => requestId)).toEqual(ids);
});

test("scores that failed are sent again, and one that is refused takes no others with it", async () => {
  vi.useFakeTimers();
  try {
    const taken: string[] = [];
    let failures = 2;
    const queue = createScoreQueue(async (scores) => {
      if (failures-- > 0) throw new Error("away");
      if (scores.some(({ requestId }) => requestId === "bad")) throw new ScoreRefused("400");
      taken.push(...scores.map(({ requestId }) => requestId));
    });
    for (const requestId of ["a", "bad", "c"]) queue.add({ requestId, metric: "m", value: 0.5, evaluator: "auto" });
    await vi.advanceTimersByTimeAsync(1000);
    expect(queue.counts()).toMatchObject({ posted: 0, waiting: 3, lastError: "away" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(taken).toEqual(["a", "c"]);
    expect(queue.counts()).toMatchObject({ posted: 2, refused: 1, dropped: 0, waiting: 0 });
    await queue.close(10);
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  ["no endpoints", { endpoints: [] }, /endpoints/],
  ["scores without a token", { webUrl: "http://127.0.0.1:1", simUrls: ["http://127.0.0.1:2"] }, /apiToken: is needed where webUrl is set/],
  ["scores without profiles", { webUrl: "http://127.0.0.1:1", apiToken: "t" }, /profileFile: or simUrls is needed/],
  ["an unknown field", { rate: 5 }, /Unrecognized key: "rate"/],
])("a configuration with %s is refused", (_name, over, message) => {
  expect(() => parseLoadConfig({ ...config(), ...over })).toThrow(message);
});

test("flags lie over the file, and an unknown one is told", () => {
  const file = temporaryFile("load.json");
  writeFileSync(file, JSON.stringify(config()));
  expect(readLoadConfig(["--config", file, "--rate", "7", "--ledger", "x.jsonl"])).toMatchObject({
    requestsPerSecond: 7,
    ledgerFile: "x.jsonl",
  });
  expect(() => readLoadConfig(["--config", file, "--speed", "7"])).toThrow(/unknown flag --speed/);
  expect(() => readLoadConfig(["--config", file, "--rate", "fast"])).toThrow(/requestsPerSecond/);
});
