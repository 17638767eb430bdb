import type { z } from "zod";
import type { EndpointSpec } from "@/lib/contracts/endpoint";
import { SseReader } from "@/lib/core/sse";
import { type CallParts, type ProblemAnswer, toUrl } from "./call";

const MAX_EVENT_CHARS = 8_000_000;

/** How a stream ended: after its last event, refused before its first, or broken off (`problem` null: no answer came, or it ended early). */
export type StreamEnd = { readonly ok: true } | { readonly ok: false; readonly problem: ProblemAnswer | null };

/** Calls a streaming endpoint from a page and hands out its events as they come. Aborting the signal stops it on the server, too. */
export async function callStream<E extends EndpointSpec & { readonly streams: true }>(
  endpoint: E,
  parts: CallParts<E>,
  onEvent: (event: z.output<E["returns"]>) => void,
): Promise<StreamEnd> {
  const headers = new Headers({ accept: "text/event-stream", "content-type": "application/json" });
  if (parts.project !== undefined) headers.set("switchyard-project", parts.project);
  try {
    const init = { method: endpoint.method, headers, body: JSON.stringify(parts.body), credentials: "same-origin" } as const;
    const response = await fetch(toUrl(endpoint, parts), { ...init, ...(parts.signal === undefined ? {} : { signal: parts.signal }) });
    if (!response.ok || response.body === null)
      return { ok: false, problem: (await response.json().catch(() => null)) as ProblemAnswer | null };
    const [sse, decoder, reader] = [new SseReader(MAX_EVENT_CHARS), new TextDecoder(), response.body.getReader()];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { ok: true };
      // The server checked each event with the same schema before it sent it.
      for (const { data } of sse.push(decoder.decode(value, { stream: true }))) onEvent(JSON.parse(data) as z.output<E["returns"]>);
    }
  } catch {
    return { ok: false, problem: null };
  }
}
