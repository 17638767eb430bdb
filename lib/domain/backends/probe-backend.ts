import { performance } from "node:perf_hooks";
import { Client } from "undici";
import { z } from "zod";
import { toBackendPaths } from "@/lib/contracts/backend-paths";
import { AddressRefusedError, createGuardedConnector, isListedHost } from "@/lib/infra/http-client";
import type { Backend, BackendProbe, ProbeCode } from "./api";

export const TIMEOUT_MS = 5_000;
const SIMULATOR = "switchyard-simulator";
const MAX_BYTES = 256 * 1024;
const ModelList = z.looseObject({
  data: z.array(z.looseObject({ id: z.string().max(300), owned_by: z.string().max(300).optional() })).max(1_000),
});
type ModelList = z.infer<typeof ModelList>["data"];

/** What servers put into `owned_by` of their models. */
const OWNERS: ReadonlyMap<string, BackendProbe["kindHint"]> = new Map([
  ["vllm", "vllm"],
  ["tensorrt_llm", "tensorrt-llm"],
  ["llamacpp", "llamacpp"],
  [SIMULATOR, "simulated"],
]);

export interface ProbeInput {
  readonly kind: Backend["kind"];
  readonly baseUrl: string;
  readonly servedModel: string | null;
  readonly apiKey: string | null;
  readonly privateHosts: readonly string[];
}

interface Reply {
  readonly status: number;
  readonly server: string;
  readonly text: string;
}

/** @throws what the connection throws */
export async function get(input: Pick<ProbeInput, "apiKey" | "privateHosts">, url: URL, maxBytes = MAX_BYTES): Promise<Reply> {
  const client = new Client(url.origin, {
    connect: createGuardedConnector({ allowPrivate: isListedHost(url, input.privateHosts), connectTimeoutMs: TIMEOUT_MS }),
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    maxResponseSize: maxBytes,
  });
  try {
    const response = await client.request({
      method: "GET",
      path: url.pathname,
      // The time of the whole answer: undici's own limits begin anew with every byte that trickles in.
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { accept: "application/json, text/plain", ...(input.apiKey === null ? {} : { authorization: `Bearer ${input.apiKey}` }) },
    });
    const server = response.headers.server;
    return { status: response.statusCode, server: typeof server === "string" ? server : "", text: await response.body.text() };
  } finally {
    await client.destroy();
  }
}

function readModels(text: string): ModelList {
  try {
    return ModelList.parse(JSON.parse(text)).data;
  } catch {
    return [];
  }
}

function findKindHint(reply: Reply, models: ModelList): BackendProbe["kindHint"] {
  if (reply.server === SIMULATOR) return "simulated";
  return models.map((m) => OWNERS.get(m.owned_by ?? "")).find((kind) => kind !== undefined) ?? null;
}

function describe(reply: Reply, models: readonly string[], servedModel: string | null): string {
  if (reply.status === 401 || reply.status === 403) return "It answers, but refuses the key.";
  if (reply.status >= 300 && reply.status < 400)
    return "It answers with a redirect, which is not followed. Enter the address that it points to.";
  if (reply.status !== 200)
    return `It answers with HTTP ${reply.status} at /models. Check that the address ends where the OpenAI paths begin, often in /v1.`;
  if (models.length === 0)
    return "It answers, but not with a list of models. Check that the address ends where the OpenAI paths begin, often in /v1.";
  if (servedModel !== null && !models.includes(servedModel))
    return `It works, but does not serve ${servedModel}. It serves: ${models.slice(0, 5).join(", ")}.`;
  return `It works and serves ${models.slice(0, 5).join(", ")}${models.length > 5 ? ` and ${models.length - 5} more` : ""}.`;
}

/** Why nothing came of a call. */
export type ProbeFailure = Extract<
  ProbeCode,
  "no_answer" | "private" | "nothing_listens" | "unresolved" | "too_large" | "certificate" | "broken"
>;

export function toFailure(error: unknown): ProbeFailure {
  if (error instanceof Error && error.name === "TimeoutError") return "no_answer";
  if (error instanceof AddressRefusedError || (error instanceof Error && error.cause instanceof AddressRefusedError)) return "private";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ECONNREFUSED") return "nothing_listens";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "unresolved";
  if (code.includes("TIMEOUT")) return "no_answer";
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") return "too_large";
  return code.startsWith("ERR_TLS") || code.includes("CERT") ? "certificate" : "broken";
}

export const FAILURES: Record<ProbeFailure, string> = {
  no_answer: `It did not answer within ${TIMEOUT_MS / 1_000} seconds.`,
  private: "The address is private and not on the operator's list (SWITCHYARD_PRIVATE_HOSTS).",
  nothing_listens: "Nothing listens at this address.",
  unresolved: "The host name does not resolve.",
  too_large: "It answers with more than a list of models. Check the address.",
  certificate: "Its certificate is not valid for this address.",
  broken: "The connection failed.",
};

type Found = Pick<BackendProbe, "status" | "models" | "servesModel" | "kindHint" | "isSimulated" | "finding">;

async function askOpenAi(input: ProbeInput, path: string): Promise<Found> {
  const reply = await get(input, new URL(path, input.baseUrl));
  const found = reply.status === 200 ? readModels(reply.text) : [];
  const models = found.map((m) => m.id);
  return {
    status: reply.status,
    models: models.slice(0, 100),
    servesModel: input.servedModel === null || models.length === 0 ? null : models.includes(input.servedModel),
    kindHint: findKindHint(reply, found),
    isSimulated: reply.server === SIMULATOR,
    finding: describe(reply, models, input.servedModel),
  };
}

function describeReadiness({ status }: Reply, servedModel: string | null): string {
  const what = servedModel ?? "its server";
  if (status === 200) return `It works: by the Open Inference Protocol, ${what} is ready.`;
  if (status === 401 || status === 403) return "It answers, but refuses the key.";
  return `It answers, but ${what} is not ready: HTTP ${status}.`;
}

/** Whether the served model is ready; null where the address does not speak the Open Inference Protocol. */
async function askInference(input: ProbeInput, path: string): Promise<Found | null> {
  const reply = await get(input, new URL(path, input.baseUrl));
  const { servedModel } = input;
  if (reply.status === 404 || reply.status === 405 || (reply.status >= 300 && reply.status < 400)) return null;
  const isReady = reply.status === 200;
  return {
    status: reply.status,
    models: isReady && servedModel !== null ? [servedModel] : [],
    servesModel: servedModel === null ? null : isReady,
    kindHint: reply.server === SIMULATOR ? "simulated" : null,
    isSimulated: reply.server === SIMULATOR,
    finding: describeReadiness(reply, servedModel),
  };
}

/** Servers of classical models have no list of models, runtimes that bring OpenAI's API have one, and the simulator serves either. */
async function ask(input: ProbeInput): Promise<Found> {
  const { models, inferenceReady } = toBackendPaths(input, new URL(input.baseUrl));
  if (inferenceReady === null) return askOpenAi(input, models);
  if (input.kind !== "simulated") return (await askInference(input, inferenceReady)) ?? askOpenAi(input, models);
  const listed = await askOpenAi(input, models);
  if (listed.servesModel !== false) return listed;
  const ready = await askInference(input, inferenceReady);
  return ready?.servesModel === true ? ready : listed;
}

/** What asking for the models, or whether the model is ready, brought. */
export interface Probe extends Omit<BackendProbe, "steps"> {
  /** Null when it answered. */
  readonly failure: ProbeFailure | null;
}

export function toUnreachable(failure: ProbeFailure): Probe {
  return {
    reachable: false,
    status: null,
    latencyMs: null,
    models: [],
    servesModel: null,
    kindHint: null,
    isSimulated: false,
    finding: FAILURES[failure],
    failure,
  };
}

/** Connects for real, with a bounded time, through the guarded connector. Never throws for what the backend does. */
export async function probeBackend(input: ProbeInput): Promise<Probe> {
  const startedAt = performance.now();
  try {
    const found = await ask(input);
    return { reachable: true, latencyMs: Math.round((performance.now() - startedAt) * 10) / 10, failure: null, ...found };
  } catch (error) {
    return toUnreachable(toFailure(error));
  }
}
