import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { CacheResult, Outcome } from "@/lib/contracts/gateway-event";
import type { SpoolHealth } from "./events/spool-health";
import type { EventEnd } from "./pipeline/record";
import { type BucketTally, TalliedCounter, TalliedHistogram, type Tally } from "./tallied-metrics";

/** How often the delay of the event loop is sampled: the default of 10 ms wakes an idle process a hundred times a second. */
const LOOP_SAMPLE_MS = 40;

const LATENCY_BUCKETS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120];
const TTFT_BUCKETS = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const TPOT_BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
const QUEUE_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

export interface MetricLabels {
  /** The endpoint's name, as contracts and panels call it. */
  readonly model: string;
  readonly variant: string;
  /** The API path. */
  readonly endpoint: string;
  readonly cache: CacheResult;
}

/** Where requests with the same labels are counted. */
interface RequestSeries {
  readonly outcomes: Map<Outcome, Tally>;
  readonly cache: Tally;
  readonly latency: BucketTally;
  readonly queue: BucketTally;
  readonly ttft: BucketTally;
  readonly tpot: BucketTally;
  readonly input: Tally;
  readonly output: Tally;
  readonly cost: readonly Tally[];
  readonly estimated: Tally;
}

/** Read when Prometheus scrapes. */
export interface GatewayGauges {
  readonly generation: () => number;
  readonly snapshotAgeSeconds: () => number;
  readonly snapshotAlarm: () => boolean;
  readonly inFlight: () => number;
  readonly watchedLimits: () => number;
  readonly spoolBytes: () => number;
  readonly spoolRecords: () => number;
  readonly spool: () => SpoolHealth;
  readonly unheardSeconds: () => number;
}

/** The gateway's Prometheus metrics. Every label comes from the snapshot or from a fixed list, never from a request. */
export class GatewayMetrics {
  readonly registry = new Registry();
  readonly #series = new Map<string, RequestSeries>();
  readonly #latency = new TalliedHistogram({
    name: "llm_request_latency_seconds",
    help: "Whole time of a request, arrival to last byte",
    labelNames: ["model", "endpoint"],
    buckets: LATENCY_BUCKETS,
    registers: [this.registry],
  });
  readonly #ttft = new TalliedHistogram({
    name: "llm_ttft_seconds",
    help: "Arrival to the first generated piece of a stream",
    labelNames: ["model"],
    buckets: TTFT_BUCKETS,
    registers: [this.registry],
  });
  readonly #tpot = new TalliedHistogram({
    name: "llm_tpot_seconds",
    help: "(total - TTFT) / (output tokens - 1) of a stream",
    labelNames: ["model"],
    buckets: TPOT_BUCKETS,
    registers: [this.registry],
  });
  readonly #queue = new TalliedHistogram({
    name: "llm_queue_time_seconds",
    help: "Request complete to put on a connection to the backend",
    labelNames: ["model"],
    buckets: QUEUE_BUCKETS,
    registers: [this.registry],
  });
  readonly #tokens = new TalliedCounter({
    name: "llm_tokens_total",
    help: "Tokens by direction (input, output)",
    labelNames: ["model", "direction"],
    registers: [this.registry],
  });
  readonly #cost = ["llm_request_cost_dollars", "llm_request_cost_dollars_total"].map(
    (name) =>
      new TalliedCounter({
        name,
        help: "Cost of requests in USD, for graphs; exact costs are in the usage log",
        labelNames: ["model"],
        registers: [this.registry],
      }),
  );
  readonly #requests = new TalliedCounter({
    name: "llm_requests_total",
    help: "Requests by outcome",
    labelNames: ["model", "variant", "outcome"],
    registers: [this.registry],
  });
  readonly #cache = new TalliedCounter({
    name: "llm_cache_requests_total",
    help: "Requests by what the cache did",
    labelNames: ["model", "result"],
    registers: [this.registry],
  });
  readonly #estimated = new TalliedCounter({
    name: "switchyard_gateway_estimated_tokens_requests_total",
    help: "Requests whose backend reported no usable token counts",
    labelNames: ["model"],
    registers: [this.registry],
  });
  readonly #unrouted = new Counter({
    name: "switchyard_gateway_unrouted_requests_total",
    help: "Requests that reached no endpoint, by error code",
    labelNames: ["code"],
    registers: [this.registry],
  });
  readonly #limited = new Counter({
    name: "switchyard_gateway_limited_requests_total",
    help: "Requests that a rate limit refused, by whose limit (key, endpoint) and what ran out (requests, tokens, concurrent)",
    labelNames: ["model", "scope", "quantity"],
    registers: [this.registry],
  });
  readonly #stored = new Counter({
    name: "switchyard_gateway_cache_stores_total",
    help: "Answers that were to be stored, by what came of it (stored, dropped, failed)",
    labelNames: ["result"],
    registers: [this.registry],
  });
  readonly #unknown = new Counter({
    name: "switchyard_gateway_cache_unknown_total",
    help: "Look-ups that were left out or had no answer in time, because Redis was away or slow",
    registers: [this.registry],
  });
  readonly #captured = new Counter({
    name: "switchyard_gateway_captured_requests_total",
    help: "Requests whose content was to be kept, by what came of it (kept, dropped, failed)",
    labelNames: ["result"],
    registers: [this.registry],
  });
  readonly #snapshotsRefused = new Counter({
    name: "switchyard_gateway_snapshots_refused_total",
    help: "Snapshots that were bad or older than the served one",
    labelNames: ["source"],
    registers: [this.registry],
  });

  constructor(gauges: GatewayGauges) {
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name: `switchyard_gateway_${name}`,
        help,
        registers: [this.registry],
        collect() {
          this.set(read());
        },
      });
    gauge("snapshot_generation", "Generation of the served snapshot, 0 without one", gauges.generation);
    gauge("snapshot_age_seconds", "Age of the served snapshot", gauges.snapshotAgeSeconds);
    gauge("snapshot_alarm", "1 while something newer is refused or something is degraded", () => Number(gauges.snapshotAlarm()));
    gauge("in_flight_requests", "Requests under way", gauges.inFlight);
    gauge("watched_limits", "Time limits of requests, calls and waits under watch", gauges.watchedLimits);
    gauge("spool_bytes", "Bytes of usage on disk", gauges.spoolBytes);
    gauge("spool_records", "Usage records that PostgreSQL has not acknowledged", gauges.spoolRecords);
    gauge("spool_max_bytes", "Bytes of usage at which no new request is taken", () => gauges.spool().maxBytes);
    gauge("spool_oldest_age_seconds", "How long the oldest of those records has waited", () => gauges.spool().oldestAgeMs / 1_000);
    gauge("spool_lost_records", "Usage records lost since the start, because their file was taken away", () => gauges.spool().lostRecords);
    gauge("spool_sync_seconds", "How long the disk takes to make usage durable", () => gauges.spool().syncMs / 1_000);
    gauge("spool_refusing", "1 while requests are refused because usage cannot be recorded", () =>
      Number(gauges.spool().state === "refusing"),
    );
    gauge("unheard_seconds", "Time since the control plane heard this gateway", gauges.unheardSeconds);
  }

  /** One settled request that reached an endpoint. */
  record(event: EventEnd, labels: MetricLabels): void {
    const key = `${labels.model}\n${labels.variant}\n${labels.endpoint}\n${labels.cache}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = this.#open(labels);
      this.#series.set(key, series);
    }
    this.#outcomeOf(series, event.outcome, labels).add();
    series.cache.add();
    // A stored answer has neither a backend's times nor tokens.
    if (event.outcome === "refused" || labels.cache === "hit") return;
    series.latency.observe(event.totalMs / 1_000);
    series.queue.observe(event.queueMs / 1_000);
    series.input.add(event.inputTokens);
    series.output.add(event.outputTokens);
    if (event.ttftMs !== null) series.ttft.observe(event.ttftMs / 1_000);
    if (event.tpotMs !== null) series.tpot.observe(event.tpotMs / 1_000);
    if (event.costUsd !== null) for (const tally of series.cost) tally.add(Number(event.costUsd));
    if (event.tokensEstimated) series.estimated.add();
  }

  #open({ model, endpoint, cache }: MetricLabels): RequestSeries {
    return {
      outcomes: new Map(),
      cache: this.#cache.of({ model, result: cache }),
      latency: this.#latency.of({ model, endpoint }),
      queue: this.#queue.of({ model }),
      ttft: this.#ttft.of({ model }),
      tpot: this.#tpot.of({ model }),
      input: this.#tokens.of({ model, direction: "input" }),
      output: this.#tokens.of({ model, direction: "output" }),
      cost: this.#cost.map((counter) => counter.of({ model })),
      estimated: this.#estimated.of({ model }),
    };
  }

  #outcomeOf({ outcomes }: RequestSeries, outcome: Outcome, { model, variant }: MetricLabels): Tally {
    const known = outcomes.get(outcome);
    if (known !== undefined) return known;
    const tally = this.#requests.of({ model, variant, outcome });
    outcomes.set(outcome, tally);
    return tally;
  }

  /** `code` is of the error catalogue or an outcome: a fixed list. */
  countUnrouted(code: string): void {
    this.#unrouted.inc({ code });
  }

  /** `model` is the endpoint's name; the others are fixed lists. */
  countLimited(labels: { readonly model: string; readonly scope: string; readonly quantity: string }): void {
    this.#limited.inc(labels);
  }

  countStored(result: "stored" | "dropped" | "failed"): void {
    this.#stored.inc({ result });
  }

  countUnknown(): void {
    this.#unknown.inc();
  }

  countCaptured(result: "kept" | "dropped" | "failed"): void {
    this.#captured.inc({ result });
  }

  countRefusedSnapshot(source: string): void {
    this.#snapshotsRefused.inc({ source });
  }
}
