import { isIP, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { TLSSocket } from "node:tls";
import { toBackendPaths } from "@/lib/contracts/backend-paths";
import { readServerLoad } from "@/lib/core/server-load";
import { createGuardedConnector, isListedHost, isPrivateAddress, resolveName } from "@/lib/infra/http-client";
import { type Backend, type BackendProbe, PROBE_STEPS, type ProbeCode, type ProbeStep } from "./api";
import {
  FAILURES,
  get,
  type Probe,
  type ProbeFailure,
  type ProbeInput,
  probeBackend,
  TIMEOUT_MS,
  toFailure,
  toUnreachable,
} from "./probe-backend";

interface ExamineInput extends ProbeInput {
  /** Null: the usual place of its kind. */
  readonly metricsUrl: string | null;
}

/** A server with thousands of histogram lines has about two megabytes of them. */
const MAX_METRICS_BYTES = 2_097_152;
const EXPIRES_SOON_MS = 14 * 86_400_000;

const since = (startedAt: number): number => Math.round((performance.now() - startedAt) * 10) / 10;

interface Said {
  readonly code: ProbeCode;
  readonly outcome: ProbeStep["outcome"];
  readonly found?: string | null;
  readonly ms?: number | null;
}
const toStep = (step: ProbeStep["step"], { code, outcome, found = null, ms = null }: Said): ProbeStep => ({
  step,
  outcome,
  code,
  found,
  ms,
});

/** What the host stands for, and whether the operator lets it be called. */
async function examineAddress(url: URL, isListed: boolean): Promise<ProbeStep> {
  const startedAt = performance.now();
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(host) !== 0 ? [host] : (await resolveName(host)).map((each) => each.address);
  const said = { found: addresses.slice(0, 4).join(", "), ms: since(startedAt) };
  if (addresses.length === 0) return toStep("address", { code: "unresolved", outcome: "failed", ms: said.ms });
  if (!addresses.some(isPrivateAddress)) return toStep("address", { ...said, code: "resolved", outcome: "ok" });
  return toStep("address", isListed ? { ...said, code: "allowed", outcome: "ok" } : { ...said, code: "private", outcome: "failed" });
}

function describeSocket(socket: Socket): { found: string; expiresSoon: boolean } {
  if (!(socket instanceof TLSSocket)) return { found: "TCP", expiresSoon: false };
  const until = Date.parse(socket.getPeerCertificate().valid_to);
  const found = [socket.getProtocol() ?? "TLS", Number.isNaN(until) ? "" : new Date(until).toISOString().slice(0, 10)];
  return { found: found.filter(Boolean).join(", "), expiresSoon: until - Date.now() < EXPIRES_SOON_MS };
}

const CONNECT_CODES: Partial<Record<ProbeFailure, ProbeCode>> = { no_answer: "no_connection" };

/** TCP, and TLS where the address asks for it, over a connection of its own. */
async function examineConnection(url: URL, isListed: boolean): Promise<{ step: ProbeStep; failure: ProbeFailure | null }> {
  const startedAt = performance.now();
  const connect = createGuardedConnector({ allowPrivate: isListed, connectTimeoutMs: TIMEOUT_MS });
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const { host, protocol } = url;
  const port = url.port || (protocol === "https:" ? "443" : "80");
  try {
    const socket = await new Promise<Socket>((resolve, reject) => {
      connect({ hostname, host, protocol, port }, (error, made) => {
        // A refusal comes with nothing in the socket's place.
        if (error) reject(error);
        else resolve(made);
      });
    });
    const { found, expiresSoon } = describeSocket(socket);
    socket.destroy();
    const code = expiresSoon ? "expires_soon" : "connected";
    return { step: toStep("connect", { code, outcome: expiresSoon ? "warning" : "ok", found, ms: since(startedAt) }), failure: null };
  } catch (error) {
    const failure = toFailure(error);
    return { step: toStep("connect", { code: CONNECT_CODES[failure] ?? failure, outcome: "failed", ms: since(startedAt) }), failure };
  }
}

function judgeAnswer({ status, failure, models, latencyMs }: Probe): Said {
  if (failure !== null) return { code: failure, outcome: "failed" };
  const found = status === null ? null : `HTTP ${status}`;
  const said = { found, ms: latencyMs };
  if (status === null || (status >= 300 && status < 400)) return { ...said, code: "redirect", outcome: "failed" };
  // A key that is refused is told in the next step: the address is right.
  if (status === 401 || status === 403) return { ...said, code: "answered", outcome: "ok" };
  if (status !== 200) return { ...said, code: "http_error", outcome: "failed" };
  return models.length === 0 ? { ...said, code: "no_list", outcome: "failed" } : { ...said, code: "answered", outcome: "ok" };
}

function judgeKey({ status }: Probe, hasKey: boolean): Said {
  if (status === 401 || status === 403) return { code: hasKey ? "refused" : "missing", outcome: "failed", found: `HTTP ${status}` };
  if (status !== 200) return { code: "skipped", outcome: "skipped" };
  return { code: hasKey ? "accepted" : "not_asked", outcome: "ok" };
}

function judgeModels({ models }: Probe): Said {
  if (models.length === 0) return { code: "not_listed", outcome: "skipped" };
  const rest = models.length > 8 ? ` +${models.length - 8}` : "";
  return { code: "listed", outcome: "ok", found: `${models.slice(0, 8).join(", ")}${rest}` };
}

function judgeModel({ servesModel, models }: Probe, servedModel: string | null): Said {
  if (servedModel === null) return { code: "by_endpoint", outcome: models.length > 0 ? "ok" : "skipped" };
  if (servesModel === null) return { code: "skipped", outcome: "skipped" };
  return { code: servesModel ? "served" : "not_served", outcome: servesModel ? "ok" : "failed", found: servedModel };
}

/** Whose names the figures have; asked in this order, since KServe puts its own before those of the server inside. */
const METRIC_KINDS: readonly [RegExp, Backend["kind"]][] = [
  [/^kserve_/m, "kserve"],
  [/^vllm:/m, "vllm"],
  [/^tgi_/m, "tgi"],
  [/^llamacpp:/m, "llamacpp"],
  [/^trtllm_/m, "tensorrt-llm"],
  [/^nv_/m, "triton"],
];

/** The backend's own figures, where balancing by load would read them; the key goes to the backend's own origin only. */
async function examineMetrics(input: ExamineInput): Promise<{ step: ProbeStep; kind: Backend["kind"] | null }> {
  const base = new URL(input.baseUrl);
  const usual = toBackendPaths(input, base).metrics;
  if (input.metricsUrl === null && usual === null) return { step: toStep("metrics", { code: "no_place", outcome: "skipped" }), kind: null };
  const url = input.metricsUrl === null ? new URL(usual ?? "", base) : new URL(input.metricsUrl);
  const startedAt = performance.now();
  try {
    const apiKey = url.origin === base.origin ? input.apiKey : null;
    const reply = await get({ apiKey, privateHosts: input.privateHosts }, url, MAX_METRICS_BYTES);
    const ms = since(startedAt);
    if (reply.status !== 200)
      return { step: toStep("metrics", { code: "no_metrics", outcome: "warning", found: `HTTP ${reply.status}`, ms }), kind: null };
    const load = readServerLoad(reply.text, input.servedModel);
    const figures = Object.entries(load).filter(([, value]) => value !== null);
    const code = figures.length === 0 ? "no_figures" : figures.length === 3 ? "all_figures" : "some_figures";
    const found = figures.map(([name, value]) => `${name} ${Number(value?.toPrecision(3))}`).join(", ") || null;
    const kind = METRIC_KINDS.find(([pattern]) => pattern.test(reply.text))?.[1] ?? null;
    return { step: toStep("metrics", { code, outcome: code === "no_figures" ? "warning" : "ok", found, ms }), kind };
  } catch (error) {
    return {
      step: toStep("metrics", { code: "no_metrics", outcome: "warning", found: FAILURES[toFailure(error)], ms: since(startedAt) }),
      kind: null,
    };
  }
}

function judgeKind(kind: Backend["kind"], hint: Backend["kind"] | null): Said {
  if (hint === null) return { code: "not_recognised", outcome: "skipped" };
  return hint === kind ? { code: "recognised", outcome: "ok", found: hint } : { code: "differs", outcome: "warning", found: hint };
}

/** The steps that were made, and those that were not for what failed before them. */
const filled = (made: readonly ProbeStep[]): ProbeStep[] =>
  PROBE_STEPS.map((name) => made.find((step) => step.step === name) ?? toStep(name, { code: "skipped", outcome: "skipped" }));

function toAnswer({ failure: _, ...probe }: Probe, steps: readonly ProbeStep[]): BackendProbe {
  return { ...probe, steps: filled(steps) };
}

/** Connects as a gateway would and says what each step finds. Never throws for what the backend does; it ends by itself. */
export async function examineBackend(input: ExamineInput): Promise<BackendProbe> {
  const url = new URL(input.baseUrl);
  const isListed = isListedHost(url, input.privateHosts);
  const address = await examineAddress(url, isListed);
  if (address.outcome === "failed") return toAnswer(toUnreachable(address.code === "private" ? "private" : "unresolved"), [address]);
  const connection = await examineConnection(url, isListed);
  const steps = [address, connection.step];
  if (connection.failure !== null) return toAnswer(toUnreachable(connection.failure), steps);
  const probe = await probeBackend(input);
  const answer = judgeAnswer(probe);
  steps.push(toStep("answer", answer), toStep("key", judgeKey(probe, input.apiKey !== null)));
  if (answer.outcome !== "ok" || probe.status !== 200) return toAnswer(probe, steps);
  const metrics = await examineMetrics(input);
  // The simulator speaks under vLLM's names: what it says of itself counts first.
  const kindHint = probe.kindHint ?? metrics.kind;
  steps.push(
    toStep("models", judgeModels(probe)),
    toStep("model", judgeModel(probe, input.servedModel)),
    metrics.step,
    toStep("kind", judgeKind(input.kind, kindHint)),
  );
  return toAnswer({ ...probe, kindHint }, steps);
}
