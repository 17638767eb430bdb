import { isUtf8 } from "node:buffer";
import { AppError } from "@/lib/core/errors";
import { hashSubject } from "@/lib/infra/subject-hash";
import type { RuntimeEndpoint } from "../config/runtime-config";
import { readBody } from "../http/read-body";
import { assertBodyOf } from "../internal/internal-calls";
import type { Ask, Caller, RequestState } from "./request-state";

const MAX_SUBJECT_LENGTH = 1_024;

/** Node reads header bytes as Latin-1; a subject is their UTF-8 reading. null: no such header, or an empty one. */
function readSubjectHeader(value: string | string[] | undefined): string | null {
  if (typeof value !== "string" || value === "") return null;
  const bytes = Buffer.from(value, "latin1");
  if (!isUtf8(bytes)) throw new AppError("invalid_request", "X-Switchyard-Subject must be UTF-8.");
  const subject = bytes.toString("utf8");
  if (subject.length > MAX_SUBJECT_LENGTH)
    throw new AppError("invalid_request", `X-Switchyard-Subject may have at most ${MAX_SUBJECT_LENGTH} characters.`);
  return subject;
}

/** An internal token names its target itself: the body's model is only a name there. */
function findEndpoint({ key, internal }: Caller, name: string): RuntimeEndpoint {
  const endpoint = internal === null ? key.scope.endpoints.get(name) : internal.endpoint;
  if (endpoint === undefined)
    throw new AppError("endpoint_not_found", `There is no endpoint “${name.slice(0, 128)}” in ${key.scope.environment} for this key.`, {
      errors: [{ pointer: "/model", detail: "unknown endpoint" }],
    });
  return endpoint;
}

/**
 * Reads the body as its operation does, finds the endpoint that it names and the subject. The header wins over the body's `user`; without
 * either the request is not sticky: its subject is the key and the request id, and none is recorded. An internal call's subject is who asks.
 * @throws AppError invalid_api_key, unsupported_media_type, body_too_large, request_timeout, invalid_json, invalid_request, endpoint_not_found
 */
export async function parse(state: RequestState, caller: Caller): Promise<Ask> {
  const { request, gateway, requestId, operation } = state;
  const { headers } = request;
  const type = headers["content-type"];
  if (type !== undefined && !operation.accepts.type.test(type))
    throw new AppError("unsupported_media_type", `Send the body as “Content-Type: ${operation.accepts.wanted}”.`);
  const bytes = await readBody(request, { limits: gateway.bodyLimits, watch: gateway.watch, monotonicMs: gateway.clock.monotonicMs });
  if (caller.internal !== null) assertBodyOf(caller.internal.claims, bytes);
  state.askedMs = gateway.clock.monotonicMs();
  const { endpointName, streamed, wantsUsage, user, fields, toPayload } = operation.read({ url: request.url ?? "/", headers, bytes });
  const { key, internal } = caller;
  const endpoint = findEndpoint(caller, endpointName);
  const named = internal === null ? (readSubjectHeader(headers["x-switchyard-subject"]) ?? user) : null;
  const { subjectKey } = key.scope.project;
  return {
    endpoint,
    bringsPrompt: internal !== null,
    streamed,
    wantsUsage,
    fields,
    toPayload,
    subject: named ?? internal?.claims.actorId ?? `${key.id}${requestId}`,
    subjectHash: named === null || subjectKey === null ? null : hashSubject(subjectKey, named),
  };
}
