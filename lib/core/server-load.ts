/** What a server says of its load. A figure that is missing, not finite or impossible is null, never 0. */
export interface ServerLoad {
  /** Requests that wait at the server. */
  readonly waiting: number | null;
  /** Requests that it works on. */
  readonly running: number | null;
  /** Used share of the KV cache, 0..1. */
  readonly kvUseRatio: number | null;
}

interface Series {
  readonly name: string;
  /** A label that the sample must have with this value. */
  readonly label?: readonly [string, string];
}
interface Figure {
  /** The first that is there counts. */
  readonly series: readonly Series[];
  /** Of several engines or models in one server: their requests sum, the fullest cache counts. */
  readonly merge: "sum" | "max";
}

const named = (...names: string[]): Series[] => names.map((name) => ({ name }));
const trtLlm = (name: string, label: string, value: string): Series => ({ name, label: [label, value] });

/**
 * The names of vLLM, TGI, Triton (its TensorRT-LLM backend before its own), TensorRT-LLM's server and llama.cpp. `kserve_` is what KServe
 * puts before those of the server inside it.
 */
const FIGURES: Readonly<Record<keyof ServerLoad, Figure>> = {
  waiting: {
    series: [
      ...named("vllm:num_requests_waiting", "kserve_vllm:num_requests_waiting", "tgi_queue_size", "llamacpp:requests_deferred"),
      trtLlm("nv_trt_llm_request_metrics", "request_type", "waiting"),
      ...named("nv_inference_pending_request_count"),
    ],
    merge: "sum",
  },
  running: {
    series: [
      ...named("vllm:num_requests_running", "kserve_vllm:num_requests_running", "tgi_batch_current_size", "llamacpp:requests_processing"),
      trtLlm("nv_trt_llm_request_metrics", "request_type", "active"),
    ],
    merge: "sum",
  },
  kvUseRatio: {
    series: [
      ...named(
        "vllm:kv_cache_usage_perc",
        "vllm:gpu_cache_usage_perc",
        "kserve_vllm:kv_cache_usage_perc",
        "kserve_vllm:gpu_cache_usage_perc",
      ),
      ...named("llamacpp:kv_cache_usage_ratio", "trtllm_kv_cache_utilization"),
      trtLlm("nv_trt_llm_kv_cache_block_metrics", "kv_cache_block_type", "fraction"),
    ],
    merge: "max",
  },
};

const SERIES = Object.values(FIGURES).flatMap((f) => f.series);
const NAMES: ReadonlySet<string> = new Set(SERIES.map((s) => s.name));
const MODEL_LABELS = ["model_name", "model"];

interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** `name{label="value",…} value [timestamp]` of the text format 0.0.4; null for comments, other names and what is no sample. */
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?[ \t]+([^ \t]+)(?:[ \t]+-?\d+)?[ \t]*$/;
/** One label and its comma, where the last one ended: what stands between labels is no sample, and nothing is looked for in it. */
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"[ \t]*,?/y;
const MOST_LABELS = 64;
/** No sample that counts here is longer. */
const MOST_LINE = 16_384;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n" };

function readLabels(text: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  LABEL.lastIndex = 0;
  while (labels.size < MOST_LABELS) {
    const [, key, value = ""] = LABEL.exec(text) ?? [];
    if (key === undefined) break;
    labels.set(
      key,
      value.replace(/\\(.)/g, (_, c: string) => ESCAPES[c] ?? c),
    );
  }
  return labels;
}

function parseSample(line: string): Sample | null {
  const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
  if (!NAMES.has(name)) return null;
  return { name, labels: readLabels(labels), value: value === "" ? Number.NaN : Number(value) };
}

/** A whole name before `{` or a space, so that thousands of lines of histograms cost a look at their beginning. */
function isWanted(line: string): boolean {
  const end = line.search(/[{ \t]/);
  return end > 0 && NAMES.has(line.slice(0, end));
}

/** Of several models in one server only the served one counts, where the samples name it. */
function ofModel(samples: readonly Sample[], model: string | null): readonly Sample[] {
  const own = samples.filter((s) => MODEL_LABELS.some((label) => s.labels.get(label) === model));
  return own.length > 0 ? own : samples;
}

function readFigure(samples: readonly Sample[], { series, merge }: Figure, model: string | null): number | null {
  for (const { name, label } of series) {
    const found = ofModel(
      samples.filter((s) => s.name === name && (label === undefined || s.labels.get(label[0]) === label[1])),
      model,
    );
    if (found.length === 0) continue;
    const values = found.map((s) => s.value);
    if (!values.every((v) => Number.isFinite(v) && v >= 0)) return null;
    return merge === "sum" ? values.reduce((sum, v) => sum + v, 0) : Math.max(...values);
  }
  return null;
}

/** A server's load out of its Prometheus text; `model` is the served model's name. */
export function readServerLoad(text: string, model: string | null): ServerLoad {
  const samples = text
    .split("\n")
    .flatMap((line) => (line.length <= MOST_LINE && isWanted(line) ? (parseSample(line.trimEnd()) ?? []) : []));
  const kvUseRatio = readFigure(samples, FIGURES.kvUseRatio, model);
  return {
    waiting: readFigure(samples, FIGURES.waiting, model),
    running: readFigure(samples, FIGURES.running, model),
    kvUseRatio: kvUseRatio !== null && kvUseRatio > 1 ? null : kvUseRatio,
  };
}
