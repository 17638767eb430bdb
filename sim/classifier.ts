import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { BackendContext } from "./backend-context";
import { drawLognormalByP95, prngFor } from "./prng";
import { type ClassifierProfile, describeIssues } from "./profiles";
import { sendJson } from "./reply";

/** One served classifier: its profile and how many requests it has taken. */
export interface ServedClassifier {
  readonly name: string;
  readonly profile: ClassifierProfile;
  admitted: number;
}

/** An answer in the Open Inference Protocol's shape of errors, `{"error": "…"}`. */
class InferenceError extends Error {
  override name = "InferenceError";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const Tensor = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().nonnegative()).min(1).max(2),
  datatype: z.enum(["FP32", "FP64", "INT32", "INT64"]),
  data: z.array(z.union([z.number(), z.array(z.number())])),
});
const InferRequest = z.looseObject({ id: z.string().optional(), inputs: z.array(Tensor).length(1) });
type InferRequest = z.infer<typeof InferRequest>;

/** One probability a row: the logistic function of the weighted sum. Real arithmetic on the caller's numbers; only the weights are made up. */
export function classify({ weights, bias }: Pick<ClassifierProfile, "weights" | "bias">, rows: readonly (readonly number[])[]): number[] {
  return rows.map((row) => 1 / (1 + Math.exp(-weights.reduce((sum, weight, i) => sum + weight * (row[i] ?? 0), bias))));
}

function readRows({ inputs }: InferRequest, { input, weights }: ClassifierProfile): number[][] {
  const [tensor] = inputs;
  const width = weights.length;
  if (tensor === undefined || tensor.name !== input) throw new InferenceError(400, `unexpected inference input, expecting ${input}`);
  const values = tensor.data.flat();
  const columns = tensor.shape.at(-1);
  if (columns !== width || values.length !== tensor.shape.reduce((size, n) => size * n, 1))
    throw new InferenceError(400, `unexpected shape for input ${input}, expecting [-1,${width}]`);
  return Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));
}

function describe({ name, profile }: ServedClassifier) {
  return {
    name,
    versions: ["1"],
    platform: "switchyard_simulator",
    inputs: [{ name: profile.input, datatype: "FP64", shape: [-1, profile.weights.length] }],
    outputs: [
      { name: "probability", datatype: "FP64", shape: [-1] },
      { name: "label", datatype: "INT64", shape: [-1] },
    ],
  };
}

interface Inference {
  readonly context: BackendContext;
  readonly model: ServedClassifier;
  readonly requestId: string | null;
  readonly readBody: () => Promise<unknown>;
  readonly response: ServerResponse;
}

async function infer({ context, model, requestId, readBody, response }: Inference): Promise<void> {
  const { name, profile } = model;
  const random = prngFor(context.seed, name, "fate", model.admitted++);
  const [fails, latencyMs] = [random.next() < profile.errorRatio, drawLognormalByP95(random, profile.latencyMs)];
  const end = (outcome: "complete" | "failed" | "refused" | "aborted", status: number | null) =>
    context.ledger.record({ requestId, model: name, outcome, status, streamed: false, promptTokens: 0, completionTokens: 0 });
  try {
    const body = await readBody().catch((error: Error) => {
      throw new InferenceError(400, error.message);
    });
    const request = InferRequest.safeParse(body);
    if (!request.success) throw new InferenceError(400, describeIssues(request.error).join("; "));
    const rows = readRows(request.data, profile);
    await sleep(latencyMs);
    if (response.destroyed) {
      end("aborted", null);
      return;
    }
    if (fails) throw new InferenceError(500, "simulated failure");
    const data = classify(profile, rows);
    end("complete", 200);
    sendJson(response, 200, {
      model_name: name,
      model_version: "1",
      ...(request.data.id === undefined ? {} : { id: request.data.id }),
      parameters: { simulated: true },
      outputs: [
        { name: "probability", datatype: "FP64", shape: [data.length], data },
        { name: "label", datatype: "INT64", shape: [data.length], data: data.map((p) => Number(p >= 0.5)) },
      ],
    });
  } catch (error) {
    if (!(error instanceof InferenceError)) throw error;
    end(error.status === 500 ? "failed" : "refused", error.status);
    sendJson(response, error.status, { error: error.message });
  }
}

export interface InferenceExchange {
  readonly method: string;
  readonly path: string;
  readonly requestId: string | null;
  /** Reads the body as JSON. */
  readonly readBody: () => Promise<unknown>;
  readonly response: ServerResponse;
}

/** Answers what lies below `/v2`: the Open Inference Protocol with JSON tensors. */
export async function serveClassifier(context: BackendContext, exchange: InferenceExchange): Promise<void> {
  const { method, path, response } = exchange;
  const isGet = method === "GET" || method === "HEAD";
  if (isGet && path === "/v2") return sendJson(response, 200, { name: "switchyard-simulator", version: "0", extensions: [] });
  if (isGet && path === "/v2/health/live") return sendJson(response, 200, { live: true });
  if (isGet && path === "/v2/health/ready") return sendJson(response, 200, { ready: true });
  const [, encoded = "", verb = ""] = /^\/v2\/models\/([^/]+)(?:\/(ready|infer))?$/.exec(path) ?? [];
  const model = context.classifiers.get(decodeURIComponent(encoded));
  if (model === undefined) return sendJson(response, 404, { error: `Request for unknown model: '${encoded}' is not found` });
  if (isGet !== (verb !== "infer")) return sendJson(response, 405, { error: "Method Not Allowed" });
  if (verb === "infer") return infer({ context, model, ...exchange });
  sendJson(response, 200, verb === "ready" ? { name: model.name, ready: true } : describe(model));
}
