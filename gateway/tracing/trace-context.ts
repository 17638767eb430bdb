import type { IncomingHttpHeaders } from "node:http";

/** A client's part of a distributed trace (W3C Trace Context, level 1, and Baggage). */
export interface RemoteContext {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero: the caller's span. */
  readonly parentId: string;
  readonly isSampled: boolean;
  readonly state: string | null;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = "0".repeat(32);
const NO_SPAN = "0".repeat(16);
const SAMPLED = 0x01;
/** The shortest length that the recommendation asks vendors to pass on (section 3.3.1.5). */
const MOST_STATE_CHARS = 512;
const MOST_STATE_MEMBERS = 32;
const STATE_MEMBER =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,256}$/;
/** W3C Baggage, section 3.3.2. */
const MOST_BAGGAGE_BYTES = 8_192;
const BAGGAGE = /^[\x21\x23-\x7e \t]+$/;

/** A tracestate that breaks a rule is left away as a whole, the trace itself goes on (section 3.3). */
function readState(value: string | string[] | undefined): string | null {
  if (value === undefined) return null;
  const text = typeof value === "string" ? value : value.join(",");
  if (text.length === 0 || text.length > MOST_STATE_CHARS) return null;
  const members = text
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
  return members.length <= MOST_STATE_MEMBERS && members.every((member) => STATE_MEMBER.test(member)) ? members.join(",") : null;
}

/** The trace that a request belongs to; null where it brings none that can be read. */
export function readTraceContext(headers: IncomingHttpHeaders): RemoteContext | null {
  const { traceparent } = headers;
  if (typeof traceparent !== "string" || traceparent.length > 256) return null;
  const [, version, traceId = NO_TRACE, parentId = NO_SPAN, flags = "00", rest] = TRACEPARENT.exec(traceparent.trim()) ?? [];
  // Later versions may say more after the flags; this one may not.
  if (version === undefined || version === "ff" || (version === "00" && rest !== undefined)) return null;
  if (traceId === NO_TRACE || parentId === NO_SPAN) return null;
  const isSampled = (Number.parseInt(flags, 16) & SAMPLED) !== 0;
  return { traceId, parentId, isSampled, state: readState(headers.tracestate) };
}

/** The caller's baggage as it came; null where there is none, or it is too long or no header text. */
export function readBaggage(headers: IncomingHttpHeaders): string | null {
  const { baggage } = headers;
  const text = Array.isArray(baggage) ? baggage.join(",") : baggage;
  return typeof text === "string" && text.length <= MOST_BAGGAGE_BYTES && BAGGAGE.test(text) ? text : null;
}

export const toTraceparent = (traceId: string, spanId: string, isSampled: boolean): string =>
  `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
