import { SpooledEvent, type UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import { MoneyError, parseUsd } from "@/lib/core/money";
import { remember } from "@/lib/core/remember";

/** Durations are kept in steps of 1/1024 ms: sums of such numbers are exact in float64, so rollups do not depend on the order of events. */
const STEPS_PER_MS = 1_024;
const LAST_INSTANT_MS = 253_402_300_799_999;
const LARGEST_STATUS = 2_147_483_647;
const LONGEST_TEXT = 1_000;
/** 10^20 USD: what numeric(38,18) holds. */
const LARGEST_COST = 10n ** 38n;

const IDS = [
  "projectId",
  "endpointId",
  "keyId",
  "releaseId",
  "variantId",
  "servedReleaseId",
  "servedVariantId",
  "rolloutId",
  "experimentId",
  "backendId",
  "modelVersionId",
  "promptVersionId",
  "priceId",
] as const satisfies readonly (keyof UsageEvent)[];
const TEXTS = [
  "environment",
  "api",
  "team",
  "subjectHash",
  "armName",
  "errorCode",
  "clientRequestId",
] as const satisfies readonly (keyof UsageEvent)[];

const isKnownId = remember((id) => uuidOfId(id) !== null);

const toStep = (ms: number): number => Math.round(ms * STEPS_PER_MS) / STEPS_PER_MS;

/** Why a column would refuse it, which the contract's shape does not say; null when none does. */
function findObstacle(event: UsageEvent): string | null {
  if (uuidOfId(event.requestId) === null) return "requestId is not an id";
  const badId = IDS.find((name) => {
    const id = event[name];
    return id !== null && !isKnownId(id);
  });
  if (badId !== undefined) return `${badId} is not an id`;
  const badText = TEXTS.find((name) => event[name] !== null && (event[name].length > LONGEST_TEXT || event[name].includes("\0")));
  if (badText !== undefined) return `${badText} is longer than ${LONGEST_TEXT} characters or holds a NUL`;
  if (event.at < 0 || event.at > LAST_INSTANT_MS) return "at lies outside the years 1970 to 9999";
  if (Math.abs(event.status) > LARGEST_STATUS || event.attempts > LARGEST_STATUS) return "status or attempts is out of range";
  const badCall = event.calls?.some((call) => [call[6], call[7]].some((id) => id !== null && uuidOfId(id) === null));
  if (badCall === true) return "calls names what is not an id";
  return findMoneyObstacle("costUsd", event.costUsd) ?? findMoneyObstacle("savedUsd", event.savedUsd ?? null);
}

function findMoneyObstacle(name: string, text: string | null): string | null {
  if (text === null) return null;
  try {
    const amount = parseUsd(text);
    return amount < 0n || amount >= LARGEST_COST ? `${name} is out of range` : null;
  } catch (error) {
    if (error instanceof MoneyError) return `${name}: ${error.message}`;
    throw error;
  }
}

export type ReadEvent =
  | { readonly kind: "good"; readonly spooled: SpooledEvent }
  /** `sequence` null: not even that can be read, so the gateway's progress cannot pass it. */
  | { readonly kind: "bad"; readonly sequence: number | null; readonly reason: string };

function sequenceOf(value: unknown): number | null {
  const sequence = typeof value === "object" && value !== null && "sequence" in value ? value.sequence : null;
  return typeof sequence === "number" && Number.isSafeInteger(sequence) && sequence > 0 ? sequence : null;
}

/** One element of a batch, or why it cannot be stored. Times come out in steps of 1/1024 ms. */
export function readEvent(value: unknown): ReadEvent {
  const parsed = SpooledEvent.safeParse(value);
  if (!parsed.success)
    return {
      kind: "bad",
      sequence: sequenceOf(value),
      reason: parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; "),
    };
  const { sequence, event } = parsed.data;
  const reason = findObstacle(event);
  if (reason !== null) return { kind: "bad", sequence, reason };
  // The event is the parse's own copy.
  event.queueMs = toStep(event.queueMs);
  event.ttftMs = event.ttftMs === null ? null : toStep(event.ttftMs);
  event.tpotMs = event.tpotMs === null ? null : toStep(event.tpotMs);
  event.totalMs = toStep(event.totalMs);
  return { kind: "good", spooled: { sequence, event } };
}
