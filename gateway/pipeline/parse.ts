import { isUtf8 } from "node:buffer";
import { AppError } from "@/lib/core/errors";
import { hashSubject } from "@/lib/infra/subject-hash";
import { readBody } from "../http/read-body";
import { badField, checkChatBody, readVariables } from "./chat-body";
import type { Caller, ChatAsk, RequestState } from "./request-state";

const MAX_SUBJECT_LENGTH = 1_024;

function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new AppError("invalid_json", "The body is not UTF-8.");
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new AppError("invalid_json", `The body is not valid JSON: ${error instanceof Error ? error.message.slice(0, 200) : "unknown"}.`);
  }
}

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

/**
 * Reads the body, finds the endpoint that `model` names and the subject. The header wins over the body's `user`; without either the
 * request is not sticky: its subject is the key and the request id, and none is recorded.
 * @throws AppError unsupported_media_type, body_too_large, request_timeout, invalid_json, invalid_request, endpoint_not_found
 */
export async function parse(state: RequestState, caller: Caller): Promise<ChatAsk> {
  const { request, gateway, requestId } = state;
  const type = request.headers["content-type"];
  if (type !== undefined && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(type))
    throw new AppError("unsupported_media_type", "Send the body as “Content-Type: application/json”.");
  const bytes = await readBody(request, { limits: gateway.bodyLimits, watch: gateway.watch, monotonicMs: gateway.clock.monotonicMs });
  state.askedMs = gateway.clock.monotonicMs();
  const { switchyard, ...body } = checkChatBody(parseJson(bytes));
  const { key } = caller;
  const name = String(body.model);
  const endpoint = key.scope.endpoints.get(name);
  if (endpoint === undefined)
    throw new AppError("endpoint_not_found", `There is no endpoint “${name.slice(0, 128)}” in ${key.scope.environment} for this key.`, {
      errors: [{ pointer: "/model", detail: "unknown endpoint" }],
    });
  const named =
    readSubjectHeader(request.headers["x-switchyard-subject"]) ?? (typeof body.user === "string" && body.user !== "" ? body.user : null);
  const { subjectKey } = key.scope.project;
  const options = body.stream_options;
  if (body.stream !== true && options !== undefined && options !== null)
    throw badField("stream_options", "“stream_options” needs “stream”: true.");
  return {
    body,
    endpoint,
    messages: Array.isArray(body.messages) ? body.messages : [],
    streamed: body.stream === true,
    wantsUsage: typeof options === "object" && options !== null && "include_usage" in options && options.include_usage === true,
    variables: readVariables(switchyard),
    subject: named ?? `${key.id}${requestId}`,
    subjectHash: named === null || subjectKey === null ? null : hashSubject(subjectKey, named),
  };
}
