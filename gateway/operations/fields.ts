import { AppError } from "@/lib/core/errors";

/** What is wrong with a request, as 400: official clients repeat 422, so it is never used. */
export function badField(field: string, detail: string): AppError {
  return new AppError("invalid_request", detail, { errors: [{ pointer: `/${field.replaceAll(".", "/")}`, detail }] });
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string";
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
const within = (low: number, high: number) => (value: unknown) => typeof value === "number" && value >= low && value <= high;

/** A text, texts, tokens or lists of tokens; an element of another kind is left for the backend to name. */
const isTextOrTokens = (value: unknown): boolean => isText(value) || Array.isArray(value);

interface FieldRule {
  readonly accepts: (value: unknown) => boolean;
  readonly wanted: string;
}

/** OpenAI's well-known fields; null counts as absent, fields that are not here pass through to the backend untouched. */
const FIELDS: ReadonlyMap<string, FieldRule> = new Map(
  Object.entries({
    model: { accepts: isText, wanted: "the name of an endpoint" },
    messages: { accepts: Array.isArray, wanted: "an array of messages" },
    prompt: { accepts: isTextOrTokens, wanted: "a text, an array of texts or an array of tokens" },
    input: { accepts: isTextOrTokens, wanted: "a text, an array of texts or an array of tokens" },
    best_of: { accepts: (v) => isWhole(v) && v >= 1 && v <= 128, wanted: "a whole number from 1 to 128" },
    encoding_format: { accepts: isText, wanted: "a text" },
    dimensions: { accepts: (v) => isWhole(v) && v >= 1, wanted: "a whole number of at least 1" },
    stream: { accepts: (v) => typeof v === "boolean", wanted: "true or false" },
    stream_options: { accepts: isObject, wanted: "an object" },
    max_tokens: { accepts: (v) => isWhole(v) && v >= 1, wanted: "a whole number of at least 1" },
    max_completion_tokens: { accepts: (v) => isWhole(v) && v >= 1, wanted: "a whole number of at least 1" },
    n: { accepts: (v) => isWhole(v) && v >= 1 && v <= 128, wanted: "a whole number from 1 to 128" },
    temperature: { accepts: within(0, 2), wanted: "a number from 0 to 2" },
    top_p: { accepts: within(0, 1), wanted: "a number from 0 to 1" },
    presence_penalty: { accepts: within(-2, 2), wanted: "a number from -2 to 2" },
    frequency_penalty: { accepts: within(-2, 2), wanted: "a number from -2 to 2" },
    seed: { accepts: (v) => Number.isInteger(v), wanted: "a whole number" },
    stop: { accepts: (v) => isText(v) || (Array.isArray(v) && v.every(isText)), wanted: "a text or an array of texts" },
    user: { accepts: (v) => isText(v) && v.length <= 1_024, wanted: "a text of at most 1,024 characters" },
    tools: { accepts: Array.isArray, wanted: "an array" },
    response_format: { accepts: isObject, wanted: "an object" },
    logit_bias: { accepts: isObject, wanted: "an object" },
    metadata: { accepts: isObject, wanted: "an object" },
    switchyard: { accepts: isObject, wanted: "an object" },
  } satisfies Record<string, FieldRule>),
);

const hasModel = (value: Record<string, unknown>): value is Record<string, unknown> & { model: string } =>
  isText(value.model) && value.model !== "";

function checkMessage(message: unknown, index: number): void {
  const place = `messages.${index}`;
  if (!isObject(message)) throw badField(place, `${place} must be an object.`);
  if (!isText(message.role) || message.role === "") throw badField(`${place}.role`, `${place}.role must be a text such as “user”.`);
  const { content } = message;
  if (content !== undefined && content !== null && !isText(content) && !Array.isArray(content))
    throw badField(`${place}.content`, `${place}.content must be a text or an array of parts.`);
}

/** Every message of its right shape. @throws AppError invalid_request naming the field */
export function checkMessages(messages: unknown): void {
  if (Array.isArray(messages)) messages.forEach(checkMessage);
}

/** The fields of a parsed body, every well-known one of its right type. @throws AppError invalid_request naming the field */
export function checkFields(value: unknown): Record<string, unknown> & { model: string } {
  if (!isObject(value)) throw new AppError("invalid_request", "The body must be a JSON object.");
  for (const name of Object.keys(value)) {
    const rule = FIELDS.get(name);
    const field = value[name];
    if (rule !== undefined && field !== null && !rule.accepts(field)) throw badField(name, `“${name}” must be ${rule.wanted}.`);
  }
  if (!hasModel(value)) throw badField("model", "“model” must be the name of an endpoint.");
  const options = value.stream_options;
  if (value.stream !== true && options !== undefined && options !== null)
    throw badField("stream_options", "“stream_options” needs “stream”: true.");
  const usage = isObject(options) ? options.include_usage : undefined;
  if (usage !== undefined && usage !== null && typeof usage !== "boolean")
    throw badField("stream_options.include_usage", "“stream_options.include_usage” must be true or false.");
  return value;
}

/** Values for the prompt's variables out of `switchyard: {"variables": {…}}`. @throws AppError invalid_request */
export function readVariables(switchyard: unknown): ReadonlyMap<string, unknown> {
  if (!isObject(switchyard)) return new Map();
  const stranger = Object.keys(switchyard).find((name) => name !== "variables");
  if (stranger !== undefined) throw badField("switchyard", `“switchyard” has no field “${stranger.slice(0, 64)}”; it knows “variables”.`);
  const { variables } = switchyard;
  if (variables === undefined || variables === null) return new Map();
  if (!isObject(variables)) throw badField("switchyard.variables", "“switchyard.variables” must be an object.");
  return new Map(Object.entries(variables));
}
