import type { CallTimes, PhaseTimes, UsageEvent } from "@/lib/contracts/gateway-event";
import { idOfUuid } from "@/lib/core/ids";
import type { RequestCall, RequestDetail, RequestLine, RequestPhases } from "../api";

export interface EventRow {
  readonly request_id: string;
  readonly at: Date;
  readonly ingested_at: Date;
  readonly environment: string;
  readonly endpoint: string | null;
  readonly release: number | null;
  readonly served_release: number | null;
  readonly variant: string | null;
  readonly served_variant: string | null;
  readonly model: string | null;
  readonly model_version: number | null;
  readonly prompt: string | null;
  readonly prompt_version: number | null;
  readonly backend: string | null;
  readonly backend_kind: string | null;
  readonly key_name: string | null;
  readonly experiment: number | null;
  readonly price_from: Date | null;
  readonly price_input: string | null;
  readonly price_output: string | null;
  readonly price_per: number | null;
  readonly team: string | null;
  readonly outcome: RequestLine["outcome"];
  readonly status: number;
  readonly error_code: string | null;
  readonly streamed: boolean;
  readonly cache: RequestLine["cache"];
  readonly queue_ms: number;
  readonly ttft_ms: number | null;
  readonly tpot_ms: number | null;
  readonly total_ms: number;
  readonly input_tokens: bigint;
  readonly output_tokens: bigint;
  readonly cached_tokens: bigint;
  readonly tokens_estimated: boolean;
  readonly cost_usd: string | null;
  readonly saved_usd: string | null;
  readonly api: string;
  readonly source: RequestLine["source"];
  readonly endpoint_id: string | null;
  readonly backend_id: string | null;
  readonly variant_id: string | null;
  readonly served_variant_id: string | null;
  readonly subject_hash: string | null;
  readonly client_request_id: string | null;
  readonly gateway_id: string;
  readonly generation: bigint;
  readonly rollout_id: string | null;
  readonly experiment_id: string | null;
  readonly arm_name: string | null;
  readonly attempts: number;
  readonly prompt_chars: bigint;
  readonly answer_chars: bigint;
  readonly trace_id: string | null;
  readonly steps: Pick<UsageEvent, "phases" | "calls"> | null;
}

/** A column of ids as the control plane's own tables write them. */
const asId = (prefix: string, column: string) => `'${prefix}_' || replace(${column}::text, '-', '')`;

/** The rows of the log that `inner` picks, with the names that their ids stand for: few rows are named, however many are looked through. */
export const withNames = (
  inner: string,
) => `select e.*, ep.name as endpoint, r.number as release, sr.number as served_release, v.name as variant,
    sv.name as served_variant, m.name as model, mv.number as model_version, p.name as prompt, pv.number as prompt_version, b.name as backend,
    br.kind as backend_kind, k.name as key_name, x.number as experiment, pr.valid_from as price_from, pr.input_usd::text as price_input,
    pr.output_usd::text as price_output, pr.per_tokens as price_per
  from (${inner}) e
    left join endpoint ep on ep.id = ${asId("ept", "e.endpoint_id")}
    left join release r on r.id = ${asId("rel", "e.release_id")}
    left join release sr on sr.id = ${asId("rel", "e.served_release_id")}
    left join release_variant v on v.id = ${asId("var", "e.variant_id")}
    left join release_variant sv on sv.id = ${asId("var", "e.served_variant_id")}
    left join model_version mv on mv.id = ${asId("mdv", "e.model_version_id")}
    left join model m on m.id = mv.model_id
    left join prompt_version pv on pv.id = ${asId("prv", "e.prompt_version_id")}
    left join prompt p on p.id = pv.prompt_id
    left join backend_revision br on br.id = ${asId("bkr", "e.backend_id")}
    left join backend b on b.id = br.backend_id
    left join gateway_key k on k.id = ${asId("gwk", "e.key_id")}
    left join experiment x on x.id = ${asId("exp", "e.experiment_id")}
    left join price pr on pr.id = ${asId("prc", "e.price_id")}`;

/** Trailing zeros of NUMERIC(38,18) say nothing. */
const trimZeros = (decimal: string) => (decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal);

export function toLine(row: EventRow): RequestLine {
  return {
    id: idOfUuid("request", row.request_id),
    at: row.at.toISOString(),
    environment: row.environment,
    endpoint: row.endpoint_id === null ? null : (row.endpoint ?? "a removed endpoint"),
    source: row.source,
    release: row.release,
    variant: row.variant,
    servedVariant: row.served_variant,
    isFallback: row.variant_id !== null && row.served_variant_id !== null && row.variant_id !== row.served_variant_id,
    model: row.model,
    modelVersion: row.model_version,
    backend: row.backend,
    key: row.key_name,
    outcome: row.outcome,
    status: row.status,
    errorCode: row.error_code,
    api: row.api,
    streamed: row.streamed,
    cache: row.cache,
    attempts: row.attempts,
    queueMs: row.queue_ms,
    ttftMs: row.ttft_ms,
    tpotMs: row.tpot_ms,
    totalMs: row.total_ms,
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    tokensEstimated: row.tokens_estimated,
    costUsd: row.cost_usd === null ? null : trimZeros(row.cost_usd),
    savedUsd: row.saved_usd === null ? null : trimZeros(row.saved_usd),
  };
}

const toMs = (micros: number): number | null => (micros < 0 ? null : micros / 1_000);

function toPhases(phases: PhaseTimes | undefined): RequestPhases | null {
  if (phases === undefined) return null;
  const [readMs = null, limitedMs = null, plannedMs = null, lookedUpMs = null, admittedMs = null] = phases.map(toMs);
  return { readMs, limitedMs, plannedMs, lookedUpMs, admittedMs };
}

/** Names of backend revisions and variants by their ids. */
export type StepNames = ReadonlyMap<string, string>;

function toCall(row: EventRow, names: StepNames, call: CallTimes): RequestCall {
  const [startMs, sentMs, headMs, endMs, status, failure, backendId, variantId] = call;
  return {
    backend: backendId === null ? row.backend : (names.get(backendId) ?? null),
    variant: variantId === null ? row.served_variant : (names.get(variantId) ?? null),
    startMs: toMs(startMs) ?? 0,
    sentMs: toMs(sentMs),
    headMs: toMs(headMs),
    endMs: toMs(endMs) ?? row.total_ms,
    status: status === 0 ? null : status,
    failure,
  };
}

function toPrice(row: EventRow): RequestDetail["price"] {
  const { price_from: from, price_input: input, price_output: output, price_per: perTokens } = row;
  if (from === null || input === null || output === null || perTokens === null) return null;
  return { validFrom: from.toISOString(), inputUsd: trimZeros(input), outputUsd: trimZeros(output), perTokens };
}

export function toDetail(row: EventRow, names: StepNames): RequestDetail {
  return {
    ...toLine(row),
    team: row.team,
    subjectHash: row.subject_hash,
    clientRequestId: row.client_request_id,
    traceId: row.trace_id?.replaceAll("-", "") ?? null,
    gatewayId: row.gateway_id,
    generation: Number(row.generation),
    servedRelease: row.served_release,
    rolloutId: row.rollout_id === null ? null : idOfUuid("rollout", row.rollout_id),
    experiment: row.experiment,
    arm: row.arm_name,
    isSimulated: row.backend_kind === "simulated",
    prompt: row.prompt,
    promptVersion: row.prompt_version,
    cachedTokens: Number(row.cached_tokens),
    promptChars: Number(row.prompt_chars),
    answerChars: Number(row.answer_chars),
    price: toPrice(row),
    ingestedAt: row.ingested_at.toISOString(),
    phases: toPhases(row.steps?.phases),
    calls: row.steps === null ? null : (row.steps.calls ?? []).map((call) => toCall(row, names, call)),
  };
}
