import { AppError } from "@/lib/core/errors";
import { authorize } from "@/lib/core/policy/authorize";
import { writeSse } from "@/lib/core/sse";
import type { ProjectEndpoint } from "@/lib/domain/command";
import type { Stream } from "@/lib/domain/stream";
import { authenticate } from "./authenticate";
import { guard, type RouteHandler, readParts } from "./handle";
import { parseInput } from "./parse-input";
import { runtime } from "./runtime";

/** A stream goes on for at most so long after its reader may not read it any more. */
const LOOK_AGAIN_MS = 5_000;

/** Every event is an object whose `event` names it. */
const nameOf = (event: unknown): string =>
  typeof event === "object" && event !== null && "event" in event ? String(event.event) : "message";

interface Reading {
  readonly requestId: string;
  readonly leave: () => void;
  /** @throws AppError when who reads has signed out or lost the right */
  readonly assertAllowed: () => Promise<void>;
}

/**
 * The events as bytes, made as fast as they are read; who reads is looked up again every few seconds. A reader that goes away ends the
 * generator, too. An error in the middle can only be told by a stream that breaks off: events that end with an error say so themselves.
 */
function toBody(events: AsyncIterable<unknown>, { requestId, leave, assertAllowed }: Reading): ReadableStream<Uint8Array> {
  const iterator = events[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let lookedMs = performance.now();
  return new ReadableStream({
    async pull(controller) {
      try {
        const next = await iterator.next();
        if (performance.now() - lookedMs > LOOK_AGAIN_MS) {
          await assertAllowed();
          lookedMs = performance.now();
        }
        if (next.done) controller.close();
        else controller.enqueue(encoder.encode(writeSse(nameOf(next.value), next.value)));
      } catch (error) {
        if (error instanceof AppError && error.status < 500) runtime().logger.info({ requestId, code: error.code }, "a stream was ended");
        else runtime().logger.error({ requestId, err: error }, "a stream broke off");
        leave();
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
      const enter = async () => {
        const actor = await authenticate(request);
        authorize(actor, endpoint.access, { projectId: actor.projectId });
        return actor;
      };
      const actor = await enter();
      if (request.headers.has("idempotency-key"))
        throw new AppError("invalid_request", "A streamed answer is not kept, so it cannot be repeated: leave Idempotency-Key away.");
      const input = parseInput(endpoint, await readParts(request, context, endpoint));
      const gone = new AbortController();
      const signal = AbortSignal.any([request.signal, gone.signal]);
      const assertAllowed = async () => void (await enter());
      const events = await operation.run({ ...input, actor, requestId, signal });
      const headers = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-request-id": requestId };
      // Proxies would hold small pieces back.
      return new Response(toBody(events, { requestId, leave: () => gone.abort(), assertAllowed }), {
        headers: { ...headers, "x-accel-buffering": "no" },
      });
    });
}
