import { AppError } from "@/lib/core/errors";
import { authorize } from "@/lib/core/policy/authorize";
import { writeSse } from "@/lib/core/sse";
import type { ProjectEndpoint } from "@/lib/domain/command";
import type { Stream } from "@/lib/domain/stream";
import { authenticate } from "./authenticate";
import { guard, type RouteHandler, readParts } from "./handle";
import { parseInput } from "./parse-input";
import { runtime } from "./runtime";

/** Every event is an object whose `event` names it. */
const nameOf = (event: unknown): string =>
  typeof event === "object" && event !== null && "event" in event ? String(event.event) : "message";

/**
 * The events as bytes, made as fast as they are read. A reader that goes away ends the generator, too. An error in the middle can only be
 * told by a stream that breaks off: events that end with an error say so themselves.
 */
function toBody(
  events: AsyncIterable<unknown>,
  { requestId, leave }: { requestId: string; leave: () => void },
): ReadableStream<Uint8Array> {
  const iterator = events[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        const next = await iterator.next();
        if (next.done) controller.close();
        else controller.enqueue(encoder.encode(writeSse(nameOf(next.value), next.value)));
      } catch (error) {
        runtime().logger.error({ requestId, err: error }, "a stream broke off");
        controller.error(error);
      }
    },
    async cancel() {
      leave();
      await iterator.return?.();
    },
  });
}

/** The route of a stream: as handle(), but a good answer is `text/event-stream`. What is refused before it begins is problem+json. */
export function handleStream<E extends ProjectEndpoint>(operation: Stream<E>): RouteHandler {
  const { endpoint } = operation;
  return (request, context) =>
    guard(endpoint.id, request, async (requestId) => {
      const actor = await authenticate(request);
      authorize(actor, endpoint.access, { projectId: actor.projectId });
      if (request.headers.has("idempotency-key"))
        throw new AppError("invalid_request", "A streamed answer is not kept, so it cannot be repeated: leave Idempotency-Key away.");
      const input = parseInput(endpoint, await readParts(request, context, endpoint));
      const gone = new AbortController();
      const signal = AbortSignal.any([request.signal, gone.signal]);
      const events = await operation.run({ ...input, actor, requestId, signal });
      const headers = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-request-id": requestId };
      // Proxies would hold small pieces back.
      return new Response(toBody(events, { requestId, leave: () => gone.abort() }), { headers: { ...headers, "x-accel-buffering": "no" } });
    });
}
