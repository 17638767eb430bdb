import type { Prng } from "@/lib/core/prng";
import { createEngine, type Engine } from "./engine";
import type { ServedOutcome } from "./ledger";
import type { Histogram, Metrics } from "./metrics";
import { drawLognormalByP95, prngFor } from "./prng";
import type { ModelProfile } from "./profiles";
import { ApiError } from "./protocol";

export type Counts = Record<ServedOutcome, number> & { admitted: number; promptTokens: number; completionTokens: number };

export type ServedModel = {
  readonly name: string;
  readonly seed: number;
  readonly engine: Engine;
  readonly counts: Counts;
  profile: () => ModelProfile;
  setProfile: (profile: ModelProfile, restartsWarmUp: boolean) => void;
  /** Whole seconds until the model answers; 0 when it does. */
  warmUpLeft: () => number;
  /** Counts the request in; returns its place in the order of admission, from which its draws follow. */
  admit: () => number;
  /** What befalls the request at that place, by the seed. */
  fate: (place: number) => Fate;
  finish: (ended: Ended) => void;
};

export type Fate = { error: 429 | 500 | 503 | null; isCut: boolean; cutAt: number; ttftMs: number };

export type Ended = {
  outcome: ServedOutcome;
  /** As vLLM names it. */
  reason: "stop" | "length" | "abort" | "error";
  promptTokens: number;
  completionTokens: number;
  /** Null where it never reached the queue; `steps` are the tokens of its longest sequence that were generated. */
  timing: { queueMs: number; firstTokenMs: number | null; totalMs: number; steps: number } | null;
};

/** One served model name: its profile, its batch, its counts and its series in /metrics. */
export function createServedModel(name: string, input: { seed: number; profile: ModelProfile; metrics: Metrics }): ServedModel {
  const { seed, metrics } = input;
  let profile = input.profile;
  let warmAt = performance.now() + profile.warmUpSeconds * 1000;
  const counts: Counts = {
    admitted: 0,
    complete: 0,
    failed: 0,
    cut: 0,
    aborted: 0,
    refused: 0,
    promptTokens: 0,
    completionTokens: 0,
  };
  const engine = createEngine(() => profile);
  const series = registerSeries(name, { engine, metrics });

  return {
    name,
    seed,
    engine,
    counts,
    profile: () => profile,
    setProfile: (next, restartsWarmUp) => {
      profile = next;
      if (restartsWarmUp) warmAt = performance.now() + next.warmUpSeconds * 1000;
      engine.pump();
    },
    warmUpLeft: () => Math.max(0, Math.ceil((warmAt - performance.now()) / 1000)),
    admit: () => counts.admitted++,
    fate: (place) => drawFate(prngFor(seed, name, "fate", place), profile),
    finish: (ended) => {
      counts[ended.outcome] += 1;
      metrics.add("switchyard_sim_requests_total", { model_name: name, outcome: ended.outcome }, 1);
      if (ended.outcome === "refused") return;
      counts.promptTokens += ended.promptTokens;
      counts.completionTokens += ended.completionTokens;
      series.observe(ended);
    },
  };
}

/** The 503 of a model that is still loading. */
export function assertWarm(model: ServedModel): void {
  const left = model.warmUpLeft();
  if (left === 0) return;
  throw new ApiError(503, `The model \`${model.name}\` is loading.`, { headers: { "retry-after": String(left) } });
}

function drawFate(random: Prng, profile: ModelProfile): Fate {
  // Every draw is made whatever the profile says, so that a changed ratio moves no other request's numbers.
  const [error, status, cut, cutAt] = [random.next(), random.next(), random.next(), random.next()];
  const { errorMix } = profile;
  const total = errorMix["429"] + errorMix["500"] + errorMix["503"];
  const pick = status * total;
  const drawn = pick < errorMix["429"] ? 429 : pick < errorMix["429"] + errorMix["500"] ? 500 : 503;
  return {
    error: error < profile.errorRatio ? drawn : null,
    isCut: cut < profile.cutRatio,
    cutAt: 0.1 + 0.8 * cutAt,
    ttftMs: drawLognormalByP95(random, profile.ttftMs),
  };
}

function registerSeries(name: string, { engine, metrics }: { engine: Engine; metrics: Metrics }) {
  const labels = { model_name: name, engine: "0" };
  metrics.gauge("vllm:num_requests_running", labels, engine.running);
  metrics.gauge("vllm:num_requests_waiting", labels, engine.waiting);
  metrics.gauge("vllm:kv_cache_usage_perc", labels, engine.kvUsage);
  metrics.gauge("vllm:gpu_cache_usage_perc", labels, engine.kvUsage);
  for (const family of ["vllm:num_preemptions_total", "vllm:prompt_tokens_total", "vllm:generation_tokens_total"] as const) {
    metrics.add(family, labels, 0);
  }
  for (const finished_reason of ["stop", "length", "abort", "error"]) {
    metrics.add("vllm:request_success_total", { ...labels, finished_reason }, 0);
  }
  const ttft = metrics.histogram("vllm:time_to_first_token_seconds", labels);
  const perToken: Histogram[] = [
    metrics.histogram("vllm:inter_token_latency_seconds", labels),
    metrics.histogram("vllm:time_per_output_token_seconds", labels),
  ];
  const perRequest = metrics.histogram("vllm:request_time_per_output_token_seconds", labels);
  const total = metrics.histogram("vllm:e2e_request_latency_seconds", labels);
  const queue = metrics.histogram("vllm:request_queue_time_seconds", labels);
  const prompt = metrics.histogram("vllm:request_prompt_tokens", labels);
  const generation = metrics.histogram("vllm:request_generation_tokens", labels);

  return {
    observe: ({ reason, promptTokens, completionTokens, timing }: Ended): void => {
      metrics.add("vllm:request_success_total", { ...labels, finished_reason: reason }, 1);
      if (timing === null) return;
      metrics.add("vllm:prompt_tokens_total", labels, promptTokens);
      metrics.add("vllm:generation_tokens_total", labels, completionTokens);
      queue.observe(timing.queueMs / 1000);
      total.observe(timing.totalMs / 1000);
      prompt.observe(promptTokens);
      generation.observe(completionTokens);
      if (timing.firstTokenMs === null) return;
      ttft.observe(timing.firstTokenMs / 1000);
      if (timing.steps < 2) return;
      const seconds = (timing.totalMs - timing.firstTokenMs) / 1000 / (timing.steps - 1);
      perRequest.observe(seconds);
      for (const histogram of perToken) histogram.observe(seconds, timing.steps - 1);
    },
  };
}
