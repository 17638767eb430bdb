import { readServerLoad, type ServerLoad } from "@/lib/core/server-load";
import type { RuntimeBackend } from "../config/runtime-config";
import { collectBody } from "../pipeline/collect-body";
import type { ProbeResult } from "./backend-states";
import { UpstreamFailure } from "./upstream-error";
import type { Upstreams } from "./upstreams";

/** A server that takes longer to say that it is well is not. */
export const PROBE_MS = 2_000;
/** Thousands of histogram lines of a large server; more is no such text. */
const MAX_METRICS_BYTES = 2_097_152;

interface ProbeContext {
  readonly upstreams: Upstreams;
  readonly monotonicMs: () => number;
  readonly newId: () => string;
}

interface Asked {
  readonly backend: RuntimeBackend;
  readonly path: string;
}

/** Over a connection of its own, so that it also tells whether one can be had; it keeps none open. */
function ask({ upstreams, monotonicMs, newId }: ProbeContext, { backend, path }: Asked) {
  const payload = { path, headers: ["accept", "*/*"], body: null };
  return upstreams.send({ backend, payload, requestId: newId(), deadlineMs: monotonicMs() + PROBE_MS, isFresh: true });
}

type Finding = Pick<ProbeResult, "verdict" | "reason">;

function judgeStatus(status: number): Finding {
  if (status < 300) return { verdict: "good", reason: null };
  if (status === 401 || status === 403) return { verdict: "not_ready", reason: `It refuses the gateway's credentials (HTTP ${status}).` };
  if (status === 400 || status >= 500) return { verdict: status === 501 ? "none" : "not_ready", reason: `It answers with HTTP ${status}.` };
  // Redirects, no such route, too many questions: nothing about whether it serves.
  return { verdict: "none", reason: `It answers with HTTP ${status}.` };
}

const REASONS: Partial<Record<UpstreamFailure["kind"], string>> = {
  unreachable: "It cannot be reached.",
  connect_timeout: "It did not accept a connection in time.",
  failed: "It did not answer in HTTP.",
};

/** Whether a backend says that it can serve now. Never throws. */
export async function probeHealth(context: ProbeContext, backend: RuntimeBackend): Promise<ProbeResult> {
  const startedMs = context.monotonicMs();
  const tookMs = () => Math.max(0, context.monotonicMs() - startedMs);
  const call = ask(context, { backend, path: backend.healthPath });
  try {
    const { status } = await call.head;
    return { ...judgeStatus(status), tookMs: tookMs() };
  } catch (error) {
    const reason = (error instanceof UpstreamFailure && REASONS[error.kind]) || `It did not answer within ${PROBE_MS / 1_000} s.`;
    return { verdict: "no_answer", reason, tookMs: tookMs() };
  } finally {
    call.abort("the health check is over");
  }
}

/** What a backend's own metrics say; null when they cannot be read. Never throws. */
export async function scrapeLoad(context: ProbeContext, backend: RuntimeBackend): Promise<ServerLoad | null> {
  if (backend.metrics === null) return null;
  const { origin, path, allowPrivate } = backend.metrics;
  const target = origin === backend.origin ? backend : { ...backend, origin, allowPrivate, apiKey: null };
  const call = ask(context, { backend: target, path });
  try {
    const { status } = await call.head;
    if (status !== 200) return null;
    return readServerLoad((await collectBody(call, MAX_METRICS_BYTES)).toString("utf8"), backend.servedModel);
  } catch {
    return null;
  } finally {
    call.abort("the metrics were read");
  }
}
