import { isUtf8 } from "node:buffer";
import { AppError } from "@/lib/core/errors";
import type { JsonBody } from "./build-payload";
import { checkFields, readVariables } from "./fields";
import { JsonObjectText, JsonTooDeepError } from "./json-object";

function parseJson(bytes: Buffer, text: string): unknown {
  if (!isUtf8(bytes)) throw new AppError("invalid_json", "The body is not UTF-8.");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError("invalid_json", `The body is not valid JSON: ${error instanceof Error ? error.message.slice(0, 200) : "unknown"}.`);
  }
}

/** A body of OpenAI's API, its well-known fields checked. @throws AppError invalid_json, invalid_request */
export function readJsonBody(bytes: Buffer): JsonBody {
  const written = bytes.toString("utf8");
  const fields = checkFields(parseJson(bytes, written));
  const variables = readVariables(fields.switchyard);
  try {
    return { text: new JsonObjectText(written), fields, variables };
  } catch (error) {
    if (error instanceof JsonTooDeepError) throw new AppError("invalid_request", "The body is nested too deeply.");
    throw error;
  }
}
