import type { StoredAnswer } from "../cache/sealed-answer";
import { readSseData, SseSplitter } from "../providers/sse-splitter";
import { withoutUsage } from "../providers/stream-usage";
import { settle } from "./record";
import { MAX_EVENT_BYTES } from "./relay-stream";
import { type Ask, type RequestState, STREAM_HEADERS, toAnswerHeaders } from "./request-state";

/** The events of a stored stream as this caller asked for them. */
function toEvents({ body }: StoredAnswer, { wantsUsage }: Ask): Buffer {
  if (wantsUsage) return body;
  const events: Buffer[] = [];
  new SseSplitter(MAX_EVENT_BYTES).push(body, (bytes) => {
    const data = readSseData(bytes);
    // Each was read when it came: all but the end marker are JSON objects.
    const passed = data === null || !data.startsWith("{") ? bytes : withoutUsage(bytes, data, JSON.parse(data));
    if (passed !== null) events.push(passed);
  });
  return Buffer.concat(events);
}

/**
 * Sends a stored answer as if it had just come, with the same id and the same bytes; a stream all at once. Its age is told.
 * @throws AppError usage_spool_full: nothing was sent
 */
export function replay(state: RequestState, ask: Ask, answer: StoredAnswer): void {
  const { response, gateway } = state;
  settle(state, { outcome: "complete", status: 200, errorCode: null });
  const body = ask.streamed ? toEvents(answer, ask) : answer.body;
  const kind = ask.streamed ? STREAM_HEADERS : ["content-type", answer.contentType, "content-length", String(body.length)];
  const ageSeconds = Math.max(0, Math.floor((gateway.clock.nowMs() - answer.atMs) / 1_000));
  response.writeHead(200, [...kind, ...toAnswerHeaders(state), "x-switchyard-cache-age", String(ageSeconds)]);
  response.end(body);
}
