import { AppError } from "@/lib/core/errors";

export const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Where anybody may ask. */
export const MAX_PUBLIC_BODY_BYTES = 16 * 1024;
export const MAX_JSON_DEPTH = 32;
/** Checking costs by the value, not by the byte: four MiB hold two million values, and seconds of work. */
export const MAX_JSON_VALUES = 200_000;

export interface JsonShape {
  /** How deep arrays and objects nest. */
  readonly depth: number;
  /** At least as many as values stand in the text. */
  readonly values: number;
}

/** The shape of a JSON text, counted over the text so that no deep or wide value is ever built. What is quoted does not count. */
export function jsonShape(text: string): JsonShape {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === 0x5c) i++;
      else if (c === 0x22) quoted = false;
    } else if (c === 0x22) quoted = true;
    else if (c === 0x2c) values++;
    else if (c === 0x7b || c === 0x5b) {
      deepest = Math.max(deepest, ++depth);
      values++;
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
  return { depth: deepest, values };
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  const tooLarge = () => new AppError("body_too_large", `The body may have at most ${maxBytes / 1024} KiB.`);
  if (announced > maxBytes) throw tooLarge();
  if (request.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(value);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new AppError("invalid_json", "The body is not valid UTF-8.");
  }
}

/** The body as JSON. @throws AppError unsupported_media_type, body_too_large, invalid_json */
export async function readJson(request: Request, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type))
    throw new AppError("unsupported_media_type", "Send the body as JSON with Content-Type: application/json.");
  const text = await readText(request, maxBytes);
  const { depth, values } = jsonShape(text);
  if (depth > MAX_JSON_DEPTH) throw new AppError("invalid_json", `The body nests deeper than ${MAX_JSON_DEPTH} levels.`);
  if (values > MAX_JSON_VALUES) throw new AppError("body_too_large", `The body may hold at most ${MAX_JSON_VALUES} values.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError("invalid_json", `The body cannot be read as JSON: ${error instanceof Error ? error.message : "syntax error"}.`);
  }
}
