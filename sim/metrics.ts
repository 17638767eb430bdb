export type Histogram = { observe: (value: number, times?: number) => void };
export type Labels = Readonly<Record<string, string>>;

const SECONDS_TTFT = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560];
const SECONDS_PER_TOKEN = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
const SECONDS_REQUEST = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];
const TOKENS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];

/** The names, types and buckets of vLLM's /metrics that the simulator keeps; `switchyard_sim_*` are its own. */
const FAMILIES = {
  "vllm:num_requests_running": { type: "gauge", help: "Number of requests in model execution batches." },
  "vllm:num_requests_waiting": { type: "gauge", help: "Number of requests waiting to be processed." },
  "vllm:kv_cache_usage_perc": { type: "gauge", help: "KV-cache usage. 1 means 100 percent usage." },
  "vllm:gpu_cache_usage_perc": {
    type: "gauge",
    help: "GPU KV-cache usage. 1 means 100 percent usage. DEPRECATED: use vllm:kv_cache_usage_perc.",
  },
  "vllm:num_preemptions_total": { type: "counter", help: "Cumulative number of preemption from the engine." },
  "vllm:prompt_tokens_total": { type: "counter", help: "Number of prefill tokens processed." },
  "vllm:generation_tokens_total": { type: "counter", help: "Number of generation tokens processed." },
  "vllm:request_success_total": { type: "counter", help: "Count of successfully processed requests." },
  "vllm:time_to_first_token_seconds": { type: "histogram", help: "Histogram of time to first token in seconds.", buckets: SECONDS_TTFT },
  "vllm:inter_token_latency_seconds": {
    type: "histogram",
    help: "Histogram of inter-token latency in seconds.",
    buckets: SECONDS_PER_TOKEN,
  },
  "vllm:time_per_output_token_seconds": {
    type: "histogram",
    help: "Histogram of time per output token in seconds. DEPRECATED: use vllm:inter_token_latency_seconds.",
    buckets: SECONDS_PER_TOKEN,
  },
  "vllm:request_time_per_output_token_seconds": {
    type: "histogram",
    help: "Histogram of time_per_output_token_seconds per request.",
    buckets: SECONDS_PER_TOKEN,
  },
  "vllm:e2e_request_latency_seconds": { type: "histogram", help: "Histogram of e2e request latency in seconds.", buckets: SECONDS_REQUEST },
  "vllm:request_queue_time_seconds": {
    type: "histogram",
    help: "Histogram of time spent in WAITING phase for request.",
    buckets: SECONDS_REQUEST,
  },
  "vllm:request_prompt_tokens": { type: "histogram", help: "Number of prefill tokens processed.", buckets: TOKENS },
  "vllm:request_generation_tokens": { type: "histogram", help: "Number of generation tokens processed.", buckets: TOKENS },
  switchyard_sim_requests_total: { type: "counter", help: "Simulated requests by how they ended." },
  switchyard_sim_info: { type: "gauge", help: "Always 1: these figures come from a simulator, not from a GPU." },
} as const satisfies Record<string, { type: "gauge" | "counter" | "histogram"; help: string; buckets?: readonly number[] }>;
type Family = keyof typeof FAMILIES;
type FamilyOf<T extends string> = { [K in Family]: (typeof FAMILIES)[K]["type"] extends T ? K : never }[Family];

type HistogramState = { labels: Labels; counts: number[]; sum: number; count: number };

export type Metrics = {
  add: (family: FamilyOf<"counter">, labels: Labels, by: number) => void;
  /** The gauge reads its value when it is scraped. */
  gauge: (family: FamilyOf<"gauge">, labels: Labels, read: () => number) => void;
  histogram: (family: FamilyOf<"histogram">, labels: Labels) => Histogram;
  /** Prometheus text format 0.0.4. */
  text: () => string;
};

const escapeLabel = (value: string) => value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
const labelText = (labels: Labels) =>
  `{${Object.entries(labels)
    .map(([key, value]) => `${key}="${escapeLabel(value)}"`)
    .join(",")}}`;

/** A registry of exactly those families; series appear when first used. */
export function createMetrics(): Metrics {
  const series = new Map<Family, Map<string, () => string[]>>();
  const counters = new Map<string, { value: number }>();
  const histograms = new Map<string, HistogramState>();

  const register = (family: Family, key: string, lines: () => string[]): void => {
    const rows = series.get(family) ?? new Map<string, () => string[]>();
    rows.set(key, lines);
    series.set(family, rows);
  };

  return {
    add: (family, labels, by) => {
      const key = family + labelText(labels);
      let counter = counters.get(key);
      if (!counter) {
        const created = { value: 0 };
        counter = created;
        counters.set(key, created);
        register(family, key, () => [`${key} ${created.value}`]);
      }
      counter.value += by;
    },
    gauge: (family, labels, read) => {
      const key = family + labelText(labels);
      register(family, key, () => [`${key} ${read()}`]);
    },
    histogram: (family, labels) => {
      const key = family + labelText(labels);
      const { buckets } = FAMILIES[family];
      const state = histograms.get(key) ?? { labels, counts: new Array<number>(buckets.length).fill(0), sum: 0, count: 0 };
      histograms.set(key, state);
      register(family, key, () => histogramLines(family, buckets, state));
      return {
        observe: (value, times = 1) => {
          state.sum += value * times;
          state.count += times;
          const index = buckets.findIndex((bound) => value <= bound);
          if (index >= 0) state.counts[index] = (state.counts[index] ?? 0) + times;
        },
      };
    },
    text: () => {
      const lines: string[] = [];
      for (const [family, rows] of series) {
        lines.push(`# HELP ${family} ${FAMILIES[family].help}`, `# TYPE ${family} ${FAMILIES[family].type}`);
        for (const row of rows.values()) lines.push(...row());
      }
      return `${lines.join("\n")}\n`;
    },
  };
}

function histogramLines(family: Family, buckets: readonly number[], state: HistogramState): string[] {
  let cumulative = 0;
  const lines = buckets.map((bound, index) => {
    cumulative += state.counts[index] ?? 0;
    return `${family}_bucket${labelText({ ...state.labels, le: String(bound) })} ${cumulative}`;
  });
  return [
    ...lines,
    `${family}_bucket${labelText({ ...state.labels, le: "+Inf" })} ${state.count}`,
    `${family}_sum${labelText(state.labels)} ${state.sum}`,
    `${family}_count${labelText(state.labels)} ${state.count}`,
  ];
}
