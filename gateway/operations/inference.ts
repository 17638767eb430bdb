import { INFERENCE_API } from "@/lib/contracts/gateway-event";
import { AppError } from "@/lib/core/errors";
import { AnswerMeter } from "./answer-meter";
import type { Operation, Payload, PayloadPlace, RequestParts, WholeAnswer } from "./operation";

const MEBIBYTE = 1024 * 1024;
/** Bytes of the JSON that stands before binary tensors (the protocol's binary tensor data extension). */
const JSON_LENGTH = "inference-header-content-length";
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** No answer with outputs is this small and tells of an error: larger ones are not parsed for it. */
const MAX_ERROR_BYTES = 4_096;

const PATH = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?\/infer$/;

export const isInferencePath = (path: string): boolean => PATH.test(path);

/** A path's segment as it was meant; itself when it is not percent-encoded rightly. */
export function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Looks like a JSON object at both ends. What is in between is not parsed: tensors may be megabytes, and only the model knows their shape. */
function isObjectText(bytes: Buffer): boolean {
  let start = 0;
  let end = bytes.length - 1;
  while (isSpace(bytes[start])) start++;
  while (isSpace(bytes[end])) end--;
  return bytes[start] === OPEN_BRACE && bytes[end] === CLOSE_BRACE;
}

function checkBody({ headers, bytes }: RequestParts): void {
  const length = headers[JSON_LENGTH];
  if (length === undefined) {
    if (!isObjectText(bytes)) throw new AppError("invalid_json", "The body must be a JSON object with “inputs”.");
    return;
  }
  const jsonBytes = typeof length === "string" && /^\d{1,12}$/.test(length) ? Number(length) : Number.NaN;
  if (!(jsonBytes > 0 && jsonBytes <= bytes.length))
    throw new AppError("invalid_request", "Inference-Header-Content-Length must be the bytes of JSON before the tensors.");
  if (!isObjectText(bytes.subarray(0, jsonBytes)))
    throw new AppError("invalid_json", "What Inference-Header-Content-Length spans must be a JSON object.");
}

function toPayload({ headers, bytes }: RequestParts, { endpoint, variant, backend }: PayloadPlace): Payload {
  const path = backend.paths.inference;
  if (path === null) throw new AppError("upstream_unavailable", "The serving backend does not know this kind of request.");
  if (variant.prompt !== null || variant.fixed.size > 0)
    throw new AppError("invalid_request", `The endpoint “${endpoint.name}” has a prompt or parameters of OpenAI's API: call it below /v1.`);
  const type = headers["content-type"] ?? "application/json";
  const length = headers[JSON_LENGTH];
  return {
    path,
    headers: ["content-type", type, "accept", "*/*", ...(typeof length === "string" ? [JSON_LENGTH, length] : [])],
    body: bytes,
    isAssembled: false,
    promptChars: 0,
    promptTokens: 0,
    maxAnswerTokens: 0,
  };
}

function readWhole({ bytes, contentType }: WholeAnswer): Readonly<Record<string, unknown>> | null {
  if (!contentType.includes("json")) return null;
  if (!isObjectText(bytes)) throw new AppError("upstream_truncated", "The serving backend broke off its answer.");
  if (bytes.length > MAX_ERROR_BYTES) return null;
  try {
    const answer: Readonly<Record<string, unknown>> = JSON.parse(bytes.toString("utf8"));
    return answer.outputs === undefined ? answer : null;
  } catch {
    throw new AppError("upstream_truncated", "The serving backend broke off its answer.");
  }
}

/** Inference of the Open Inference Protocol, version 2: tensors in, tensors out, JSON or binary, not a byte of either changed. */
export const inference: Operation = {
  name: "inference",
  api: INFERENCE_API,
  errors: "inference",
  hasTokens: false,
  contentField: null,
  isWritten: false,
  accepts: {
    type: /^application\/(?:(?:[\w.+-]+\+)?json|octet-stream|vnd\.[\w.+-]+)\b/i,
    wanted: "application/json or application/octet-stream",
  },
  maxAnswerBytes: 128 * MEBIBYTE,
  passedHeaders: [JSON_LENGTH],
  read(parts) {
    const [path = ""] = parts.url.split("?", 1);
    const [, name = "", version] = PATH.exec(path) ?? [];
    if (version !== undefined)
      throw new AppError("invalid_request", `Which version answers is the release's to say: call /v2/models/${name}/infer.`);
    checkBody(parts);
    return {
      endpointName: decodeSegment(name),
      streamed: false,
      wantsUsage: false,
      user: null,
      fields: null,
      toPayload: (place) => toPayload(parts, place),
    };
  },
  createMeter: () => new AnswerMeter(null),
  readWhole,
};
