import { AppError } from "@/lib/core/errors";
import { AnswerMeter, type TextOfChoice } from "./answer-meter";
import { type BodyRule, buildPayload, type JsonBody } from "./build-payload";
import { isObject } from "./fields";
import type { Operation, WholeAnswer } from "./operation";
import { readJsonBody } from "./read-json";

const MEBIBYTE = 1024 * 1024;

interface OpenAiRule extends BodyRule {
  readonly api: string;
  readonly maxAnswerMiB: number;
  /** The list that makes a body an answer of this kind. */
  readonly answerList: "choices" | "data";
  /** @throws AppError invalid_request */
  readonly check: (body: JsonBody) => void;
  readonly textOf: TextOfChoice | null;
}

function parseAnswer({ bytes, contentType }: WholeAnswer): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(bytes.toString("utf8"));
    if (isObject(answer)) return answer;
  } catch {
    if (contentType.includes("json")) throw new AppError("upstream_truncated", "The serving backend broke off its answer.");
  }
  throw new AppError("upstream_failed", "The serving backend did not answer with a JSON object.");
}

/** An operation of OpenAI's API: its body and its answer are JSON objects that are relayed as they were written. */
export function createOpenAiOperation(rule: OpenAiRule): Operation {
  return {
    name: rule.name,
    api: rule.api,
    errors: "openai",
    hasTokens: true,
    contentField: rule.promptField,
    isWritten: rule.textOf !== null,
    accepts: { type: /^application\/(?:[\w.+-]+\+)?json\b/i, wanted: "application/json" },
    maxAnswerBytes: rule.maxAnswerMiB * MEBIBYTE,
    passedHeaders: [],
    read({ bytes }) {
      const body = readJsonBody(bytes);
      rule.check(body);
      const { model, stream, stream_options: options, user } = body.fields;
      return {
        endpointName: model,
        streamed: stream === true,
        wantsUsage: isObject(options) && options.include_usage === true,
        user: typeof user === "string" && user !== "" ? user : null,
        fields: body.fields,
        toPayload: (place) => buildPayload(rule, body, place),
      };
    },
    createMeter: () => new AnswerMeter(rule.textOf),
    readWhole(answer, meter) {
      const parsed = parseAnswer(answer);
      if (!Array.isArray(parsed[rule.answerList])) return parsed;
      meter.readWhole(parsed);
      return null;
    },
  };
}
