import { NAMES, OPERATIONS, SPANS } from "./conventions";
import type { TracedRequest } from "./traced-request";

type Value = string | number | boolean;
interface OtlpAttribute {
  readonly key: string;
  readonly value: { stringValue: string } | { intValue: string } | { doubleValue: number } | { boolValue: boolean };
}

/** A span as OTLP's JSON has it (opentelemetry-proto, trace.proto): ids in hex, times as decimal strings of nanoseconds. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: OtlpAttribute[];
  readonly events?: { readonly timeUnixNano: string; readonly name: string }[];
  readonly status?: { readonly code: number };
}

const [INTERNAL, SERVER, CLIENT] = [1, 2, 3];
const ERROR = { code: 2 };

function toValue(value: Value): OtlpAttribute["value"] {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** What is not known is not there. */
export function toAttributes(values: Readonly<Record<string, Value | null | undefined>>): OtlpAttribute[] {
  return Object.entries(values).flatMap(([key, value]) => (value === null || value === undefined ? [] : [{ key, value: toValue(value) }]));
}

interface Draft {
  readonly name: string;
  readonly kind: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly attributes?: Readonly<Record<string, Value | null | undefined>>;
  readonly events?: readonly (readonly [string, number])[];
  readonly isError?: boolean;
}

/** Writes the spans of one request; times are microseconds after its arrival. */
class SpanWriter {
  readonly spans: OtlpSpan[] = [];
  readonly #atNano: bigint;

  constructor(
    private readonly request: TracedRequest,
    private readonly newSpanId: () => string,
  ) {
    this.#atNano = BigInt(request.atMs) * 1_000_000n;
  }

  add({ name, kind, startUs, endUs, spanId, parentId, attributes = {}, events = [], isError = false }: Draft): void {
    const { traceId, state } = this.request;
    this.spans.push({
      traceId,
      spanId,
      ...(parentId === null ? {} : { parentSpanId: parentId }),
      ...(state === null ? {} : { traceState: state }),
      name,
      kind,
      startTimeUnixNano: this.#nano(startUs),
      endTimeUnixNano: this.#nano(Math.max(startUs, endUs)),
      attributes: toAttributes(attributes),
      ...(events.length === 0 ? {} : { events: events.map(([event, us]) => ({ timeUnixNano: this.#nano(us), name: event })) }),
      ...(isError ? { status: ERROR } : {}),
    });
  }

  step(name: string, parentId: string, [startUs, endUs]: readonly [number, number]): void {
    this.add({ name, kind: INTERNAL, startUs, endUs, spanId: this.newSpanId(), parentId });
  }

  #nano(us: number): string {
    return String(this.#atNano + BigInt(Math.round(us)) * 1_000n);
  }
}

/** host and port of a backend's origin. */
function toServer(origin: string): { address: string; port: number } {
  const { hostname, port, protocol } = new URL(origin);
  return { address: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

function addSteps(writer: SpanWriter, { phases, spanId }: TracedRequest): number {
  const names = [SPANS.read, SPANS.limit, SPANS.plan, SPANS.lookUp, SPANS.reserve];
  let overUs = 0;
  for (const [index, untilUs] of phases.entries()) {
    if (untilUs < 0) continue;
    writer.step(names[index] ?? "", spanId, [overUs, untilUs]);
    overUs = Math.max(overUs, untilUs);
  }
  return overUs;
}

/** A gap that nobody would look at is no span. */
const LEAST_WAIT_US = 500;

function addCalls(writer: SpanWriter, { calls }: TracedRequest, { parentId, fromUs }: { parentId: string; fromUs: number }): void {
  let overUs = fromUs;
  for (const [index, { spanId, times, backend }] of calls.entries()) {
    const [startUs, sentUs, headUs, endUs, status, failure] = times;
    if (startUs - overUs >= LEAST_WAIT_US) writer.step(index === 0 ? SPANS.queue : SPANS.backOff, parentId, [overUs, startUs]);
    const { address, port } = toServer(backend.origin);
    const marks = [
      [SPANS.sent, sentUs],
      [SPANS.head, headUs],
    ] as const;
    writer.add({
      name: "POST",
      kind: CLIENT,
      startUs,
      endUs,
      spanId,
      parentId,
      attributes: {
        [NAMES.method]: "POST",
        [NAMES.serverAddress]: address,
        [NAMES.serverPort]: port,
        [NAMES.status]: status === 0 ? null : status,
        [NAMES.resend]: index === 0 ? null : index,
        [NAMES.errorType]: failure,
        [NAMES.backend]: backend.name,
        [NAMES.simulated]: backend.simulated ? true : null,
      },
      events: marks.filter(([, us]) => us >= 0),
      isError: failure !== null,
    });
    overUs = endUs;
  }
}

const isFault = ({ outcome, status }: TracedRequest): boolean => outcome === "failed" || outcome === "cut" || status >= 500;

/** The logical call of a model, all attempts and waits in it: what the conventions call an inference. */
function addInference(writer: SpanWriter, request: TracedRequest, fromUs: number, newSpanId: () => string): void {
  const { calls, spanId: parentId, operation, tokens, ttftMs } = request;
  const last = calls.at(-1);
  if (last === undefined) return;
  const spanId = newSpanId();
  const { address, port } = toServer(last.backend.origin);
  const [operationName, model] = [OPERATIONS[operation], last.backend.servedModel];
  writer.add({
    name: [operationName ?? "infer", model].filter((part) => part !== null).join(" "),
    kind: CLIENT,
    startUs: fromUs,
    endUs: request.totalMs * 1_000,
    spanId,
    parentId,
    attributes: {
      [NAMES.operation]: operationName,
      [NAMES.provider]: operationName === null ? null : last.backend.kind,
      [NAMES.requestModel]: operationName === null ? null : model,
      [NAMES.inputTokens]: tokens?.input,
      [NAMES.outputTokens]: tokens?.output,
      [NAMES.cachedTokens]: tokens?.cached,
      [NAMES.timeToFirstChunk]: ttftMs === null ? null : ttftMs / 1_000,
      [NAMES.serverAddress]: address,
      [NAMES.serverPort]: port,
      [NAMES.errorType]: isFault(request) ? request.errorCode : null,
    },
    isError: isFault(request),
  });
  addCalls(writer, request, { parentId: spanId, fromUs });
}

/** The spans of a request: its own, one for each step, the model's call, and in that one for each attempt and each wait before it. */
export function toSpans(request: TracedRequest, newSpanId: () => string): OtlpSpan[] {
  const writer = new SpanWriter(request, newSpanId);
  const { spanId, parentId, api, status, errorCode, outcome, totalMs, costUsd, own } = request;
  writer.add({
    name: `POST ${api}`,
    kind: SERVER,
    startUs: 0,
    endUs: totalMs * 1_000,
    spanId,
    parentId,
    attributes: {
      [NAMES.method]: "POST",
      [NAMES.route]: api,
      [NAMES.status]: status,
      [NAMES.errorType]: isFault(request) ? (errorCode ?? outcome) : null,
      [NAMES.outcome]: outcome,
      [NAMES.costUsd]: costUsd,
      ...own,
    },
    isError: isFault(request),
  });
  addInference(writer, request, addSteps(writer, request), newSpanId);
  return writer.spans;
}
