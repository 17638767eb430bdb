import type { z } from "zod";
import type { EndpointInput, EndpointSpec } from "@/lib/contracts/endpoint";
import { type Actor, authorize } from "@/lib/core/policy/authorize";
import type { ProjectEndpoint } from "./command";

export interface StreamInput<E extends EndpointSpec> extends EndpointInput<E> {
  readonly actor: Actor;
  readonly requestId: string;
  /** Whoever listens has gone. */
  readonly signal: AbortSignal;
}

export interface StreamContext<E extends EndpointSpec> extends StreamInput<E> {
  readonly projectId: string;
}

type StreamEvent<E extends EndpointSpec> = z.output<E["returns"]>;

/** An answer that comes in events. It is data, no change: no transaction, no audit event, nothing to repeat by a key. */
export interface Stream<E extends EndpointSpec> {
  readonly kind: "stream";
  readonly endpoint: E;
  /** Resolves with the events once they have begun; what is refused before is thrown. */
  run(input: StreamInput<E>): Promise<AsyncIterable<StreamEvent<E>>>;
}

/** Makes a stream of an endpoint: permission, then events that are checked against `returns` one by one. */
export function stream<E extends ProjectEndpoint & { readonly streams: true }>(
  endpoint: E,
  body: (context: StreamContext<E>) => Promise<AsyncIterable<z.input<E["returns"]>>>,
): Stream<E> {
  return {
    kind: "stream",
    endpoint,
    async run(input) {
      const { projectId } = input.actor;
      authorize(input.actor, endpoint.access, { projectId });
      return checked(endpoint, await body({ ...input, projectId }));
    },
  };
}

async function* checked<E extends EndpointSpec>(endpoint: E, events: AsyncIterable<z.input<E["returns"]>>): AsyncIterable<StreamEvent<E>> {
  for await (const event of events) yield endpoint.returns.parse(event) as StreamEvent<E>;
}
