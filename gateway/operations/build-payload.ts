import { AppError } from "@/lib/core/errors";
import type { FixedField, RuntimeVariant } from "../config/runtime-config";
import { isObject } from "./fields";
import { JsonObjectText } from "./json-object";
import type { Payload, PayloadPlace } from "./operation";
import type { OperationName } from "./operation-name";

/** A caller's body: as it was written, and as it reads. */
export interface JsonBody {
  readonly text: JsonObjectText;
  readonly fields: Readonly<Record<string, unknown>> & { readonly model: string };
  /** Values for the prompt's variables. */
  readonly variables: ReadonlyMap<string, unknown>;
}

/** The prompt that goes upstream. */
export interface PromptInput {
  /** JSON text that replaces the caller's field; null leaves the caller's bytes. */
  readonly text: string | null;
  readonly chars: number;
  readonly tokens: number;
  /** How many answers are asked for by the prompt alone: a list of texts is as many. */
  readonly count: number;
}

/** What a JSON operation of OpenAI's has of its own in the body that goes upstream. */
export interface BodyRule {
  readonly name: OperationName;
  readonly promptField: "messages" | "prompt" | "input";
  /** Fields that limit the answer, the first of which is set where the caller names none; empty where nothing is generated. */
  readonly ceilings: readonly ("max_tokens" | "max_completion_tokens")[];
  /** The prompt of the place's variant and the caller's own. @throws AppError invalid_request */
  readonly toPrompt: (body: JsonBody, place: PayloadPlace) => PromptInput;
}

/** What goes upstream for a field: the variant's own over the caller's. */
function effective({ fields }: JsonBody, { fixed }: RuntimeVariant, name: string): unknown {
  const own = fixed.get(name);
  return own === undefined ? fields[name] : own.value;
}

const most = (...values: unknown[]): number =>
  values.reduce<number>((max, value) => (typeof value === "number" && value > max ? Math.ceil(value) : max), 0);

type Changes = Map<string, string | null>;

/** The release's ceiling in every field that limits the answer and stands there, and in the first of them where none does. */
function putCeiling({ ceilings }: BodyRule, body: JsonBody, { variant, release }: PayloadPlace, changes: Changes): number {
  let perAnswer = 0;
  for (const name of ceilings) {
    const value = effective(body, variant, name);
    if (typeof value !== "number") continue;
    if (value > release.maxOutputTokens) changes.set(name, String(release.maxOutputTokens));
    perAnswer = Math.max(perAnswer, Math.min(Math.ceil(value), release.maxOutputTokens));
  }
  const [first] = ceilings;
  if (perAnswer > 0 || first === undefined) return perAnswer;
  changes.set(first, String(release.maxOutputTokens));
  return release.maxOutputTokens;
}

/** The stream's options with its usage asked for; all others keep their bytes. */
function askForUsage({ text, fields }: JsonBody, fixed: FixedField | undefined): string {
  const own = fixed === undefined ? fields.stream_options : fixed.value;
  const written = fixed === undefined ? text.valueText("stream_options") : fixed.json;
  if (!isObject(own) || written === null) return '{"include_usage":true}';
  return new JsonObjectText(written).write(new Map([["include_usage", "true"]]));
}

const JSON_HEADERS = ["content-type", "application/json", "accept", "application/json"];
const STREAM_HEADERS = ["content-type", "application/json", "accept", "text/event-stream"];

/**
 * The body that goes upstream. Bytes of the caller's, in their order, except: `model` as the backend serves it, `switchyard` left out, the
 * prompt put in, the prompt's and the variant's parameters over the caller's, the release's output ceiling, the usage of streams asked for,
 * and of two members with one name only the one that counts.
 * @throws AppError invalid_request
 */
export function buildPayload(rule: BodyRule, body: JsonBody, place: PayloadPlace): Payload {
  const { variant, backend } = place;
  const path = backend.paths[rule.name];
  if (path === null) throw new AppError("upstream_unavailable", "The serving backend does not know this kind of request.");
  const changes: Changes = new Map([["switchyard", null]]);
  const prompt = rule.toPrompt(body, place);
  if (prompt.text !== null) changes.set(rule.promptField, prompt.text);
  if (backend.servedModel !== null) changes.set("model", JSON.stringify(backend.servedModel));
  for (const [name, { json }] of variant.fixed) changes.set(name, json);
  const perAnswer = putCeiling(rule, body, place, changes);
  const isAssembled = backend.asksStreams && rule.ceilings.length > 0 && body.fields.stream !== true;
  if (isAssembled) changes.set("stream", "true");
  const streamed = isAssembled || body.fields.stream === true;
  if (streamed) changes.set("stream_options", askForUsage(body, variant.fixed.get("stream_options")));
  const answers = Math.max(1, most(effective(body, variant, "n"), effective(body, variant, "best_of"))) * Math.max(1, prompt.count);
  return {
    path,
    headers: streamed ? STREAM_HEADERS : JSON_HEADERS,
    body: Buffer.from(body.text.write(changes)),
    isAssembled,
    promptChars: prompt.chars,
    promptTokens: prompt.tokens,
    maxAnswerTokens: perAnswer * answers,
  };
}
