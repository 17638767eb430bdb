import type { IncomingHttpHeaders } from "node:http";
import type { RuntimeBackend, RuntimeEndpoint, RuntimeRelease, RuntimeVariant } from "../config/runtime-config";
import type { ErrorShape } from "../http/respond";
import type { AnswerMeter } from "./answer-meter";
import type { OperationName } from "./operation-name";

/** Where a request goes, for the body that goes there. */
export interface PayloadPlace {
  readonly endpoint: RuntimeEndpoint;
  readonly release: RuntimeRelease;
  readonly variant: RuntimeVariant;
  readonly backend: RuntimeBackend;
}

/** What one backend is sent. */
export interface Payload {
  /** Path below the backend's origin. */
  readonly path: string;
  /** Flat name, value, …: those that the operation has of its own. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** It is asked as a stream for a caller who wants the answer whole. */
  readonly isAssembled: boolean;
  /** UTF-16 units of text in the prompt. */
  readonly promptChars: number;
  /** Tokens that the caller sent as such, not as text. */
  readonly promptTokens: number;
  /** What the backend is told as its ceiling, for all answers together; 0 where it generates none. */
  readonly maxAnswerTokens: number;
}

/** A request's body as its operation reads it, before an endpoint is looked for. */
export interface ReadRequest {
  readonly endpointName: string;
  readonly streamed: boolean;
  /** The caller asked for the usage of a stream itself. */
  readonly wantsUsage: boolean;
  /** The subject that the body names; null without one. */
  readonly user: string | null;
  /** The body as it reads; null for one that is not parsed. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  /** Made for each backend that is tried. @throws AppError invalid_request when the assigned variant cannot take this request */
  readonly toPayload: (place: PayloadPlace) => Payload;
}

/** A whole answer that came with status 200. */
export interface WholeAnswer {
  readonly bytes: Buffer;
  readonly contentType: string;
}

export interface RequestParts {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/** All that one kind of request has of its own: the steps of the pipeline are the same for every one. */
export interface Operation {
  readonly name: OperationName;
  /** API path as events and metrics name it: from this list, never from a request. */
  readonly api: string;
  /** In whose shape errors are told. */
  readonly errors: ErrorShape;
  /** Whether tokens are counted and priced. */
  readonly hasTokens: boolean;
  /** The field that the caller's words stand in; null where there are none. */
  readonly contentField: "messages" | "prompt" | "input" | null;
  /** Whether a whole answer begins only when a model has written all of it. */
  readonly isWritten: boolean;
  /** Content types that it takes, and what to say of others. */
  readonly accepts: { readonly type: RegExp; readonly wanted: string };
  readonly maxAnswerBytes: number;
  /** Headers of the backend's answer that go on to the client, lower-case. */
  readonly passedHeaders: readonly string[];
  /** @throws AppError invalid_json, invalid_request */
  readonly read: (request: RequestParts) => ReadRequest;
  readonly createMeter: () => AnswerMeter;
  /**
   * Reads a whole answer into the meter.
   * @returns the parsed body when it tells an error in spite of its status; null when it is an answer
   * @throws AppError upstream_truncated, upstream_failed when it is neither
   */
  readonly readWhole: (answer: WholeAnswer, meter: AnswerMeter) => Readonly<Record<string, unknown>> | null;
}
