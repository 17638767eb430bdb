import type { ServedClassifier } from "./classifier";
import { createLedger, type Ledger } from "./ledger";
import { createMetrics, type Metrics } from "./metrics";
import type { ModelProfile, ProfileFile } from "./profiles";
import { ApiError } from "./protocol";
import { type Counts, createServedModel, type ServedModel } from "./served-model";

/** Counts per served model name since the start, with what runs and waits now. */
export type SimStats = Record<string, Counts & { running: number; waiting: number }>;

/** All state of one simulated server. */
export type BackendContext = {
  readonly seed: number;
  readonly apiKey: string | null;
  readonly startedAtSeconds: number;
  readonly models: Map<string, ServedModel>;
  readonly classifiers: ReadonlyMap<string, ServedClassifier>;
  readonly metrics: Metrics;
  readonly ledger: Ledger;
  addModel: (name: string, profile: ModelProfile) => void;
  stats: () => SimStats;
};

export function createBackendContext(input: { file: ProfileFile; apiKey: string | null; ledgerCapacity: number }): BackendContext {
  const { seed } = input.file;
  const metrics = createMetrics();
  const models = new Map<string, ServedModel>();
  const addModel = (name: string, profile: ModelProfile): void => {
    models.set(name, createServedModel(name, { seed, profile, metrics }));
  };
  metrics.gauge("switchyard_sim_info", { version: SIM_VERSION, seed: String(seed) }, () => 1);
  for (const [name, profile] of Object.entries(input.file.models)) addModel(name, profile);
  return {
    seed,
    apiKey: input.apiKey,
    startedAtSeconds: Math.floor(Date.now() / 1000),
    models,
    classifiers: new Map(Object.entries(input.file.classifiers).map(([name, profile]) => [name, { name, profile, admitted: 0 }])),
    metrics,
    ledger: createLedger(input.ledgerCapacity),
    addModel,
    stats: () =>
      Object.fromEntries(
        Array.from(models.values(), ({ name, counts, engine }) => [
          name,
          { ...counts, running: engine.running(), waiting: engine.waiting() },
        ]),
      ),
  };
}

export const SIM_VERSION = "0.1.0-simulated";

/** The model of a request, the first one where it names none, as vLLM does; 404 where it is not served. */
export function getServedModel({ models }: BackendContext, name: string | null | undefined): ServedModel {
  const model = name ? models.get(name) : models.values().next().value;
  if (!model) throw new ApiError(404, `The model \`${name ?? ""}\` does not exist.`, { param: "model" });
  return model;
}
