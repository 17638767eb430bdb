import { drawExponential, drawIndex, drawInteger, drawNormal, type Prng } from "@/lib/core/prng";
import type { LoadConfig, LoadEndpoint } from "./load-config";
import { FILL_WORDS, QUESTION_TEMPLATES } from "./load-corpus";
import { drawElement, hash32, prngFor } from "./prng";
import { latentQuality } from "./quality";

/** One request before it is sent. */
export type LoadRequest = {
  number: number;
  endpoint: LoadEndpoint;
  subject: string;
  question: string;
  isStreamed: boolean;
  isScored: boolean;
  /** ms to wait before it, after the one before: exponential, so that arrivals are a Poisson process. */
  gapMs: number;
  body: Record<string, unknown>;
};

/** The request with a number: a function of the configuration and the number alone. */
export function buildRequest(config: LoadConfig, number: number): LoadRequest {
  const random = prngFor(config.seed, "request", number);
  const gapMs = drawExponential(random, config.requestsPerSecond) * 1000;
  const endpoint = drawEndpoint(random, config.endpoints);
  const language = random.next() < config.koreanRatio ? "ko" : "en";
  const isStreamed = random.next() < config.streamedRatio;
  const isScored = random.next() < config.scoredRatio;
  // Squared, so that some subjects ask often and most ask seldom, as customers do.
  const subject = subjectName(config.seed, Math.floor(config.subjects * random.next() ** 2));
  const words = fillWords(random, language);
  const question = fill(drawElement(random, QUESTION_TEMPLATES[endpoint.kind][language]), words);
  const content = hasHistory(config, endpoint, number)
    ? `${question}\n\n${buildHistory({ config, endpoint, language, number })}`
    : question;
  const variables = Object.entries(endpoint.variables).map(([key, value]) => [key, fill(value, { ...words, question })]);
  return {
    number,
    endpoint,
    subject,
    question,
    isStreamed,
    isScored,
    gapMs,
    body: {
      model: endpoint.name,
      messages: [{ role: "user", content }],
      ...(isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
      ...(endpoint.maxTokens === null ? {} : { max_tokens: endpoint.maxTokens }),
      ...(variables.length === 0 ? {} : { switchyard: { variables: Object.fromEntries(variables) } }),
    },
  };
}

const hasHistory = (config: LoadConfig, { historyAfter }: LoadEndpoint, number: number): boolean =>
  historyAfter !== null && number - config.firstRequest >= historyAfter;

const HISTORY_HEAD = { ko: "이전 대화:", en: "Earlier in this thread:" } as const;

/** Two to six earlier messages of the same kind, as somebody pastes them. */
function buildHistory(parts: { config: LoadConfig; endpoint: LoadEndpoint; language: "ko" | "en"; number: number }): string {
  const { config, endpoint, language, number } = parts;
  // A stream of its own: the request is otherwise the same with and without it.
  const random = prngFor(config.seed, "history", number);
  const lines = Array.from({ length: drawInteger(random, 2, 6) }, () => {
    const template = drawElement(random, QUESTION_TEMPLATES[endpoint.kind][language]);
    return `> ${fill(template, fillWords(random, language))}`;
  });
  return [HISTORY_HEAD[language], ...lines].join("\n");
}

/** The stable id of the subject at a place in the population. */
export function subjectName(seed: number, place: number): string {
  return `cust-${hash32(seed, "subject", place).toString(16).padStart(8, "0")}-${place}`;
}

export type ScoreInput = {
  config: Pick<LoadConfig, "seed" | "scoreNoise" | "subjectEffect">;
  request: Pick<LoadRequest, "number" | "subject" | "question">;
  served: { model: string; seed: number; quality: { mean: number; spread: number } };
};

/** The score of an answer, 0..1, 4 decimals: its latent quality, the subject's strictness and the evaluator's error. */
export function scoreOf({ config, request, served }: ScoreInput): number {
  const latent = latentQuality({ ...served, question: request.question });
  const strictness = drawNormal(prngFor(config.seed, "strictness", request.subject), 0, config.subjectEffect);
  const error = drawNormal(prngFor(config.seed, "score", request.number), 0, config.scoreNoise);
  return Math.round(Math.min(1, Math.max(0, latent + strictness + error)) * 10_000) / 10_000;
}

function fillWords(random: Prng, language: "ko" | "en"): Record<string, string> {
  const pools = FILL_WORDS[language];
  return {
    name: drawElement(random, pools.name),
    product: drawElement(random, pools.product),
    city: drawElement(random, pools.city),
    order: `KR-${10_000_000 + drawInteger(random, 0, 89_999_999)}`,
    days: String(drawInteger(random, 2, 13)),
    amount: `${drawInteger(random, 12, 491)}${language === "ko" ? ",000" : ""}`,
  };
}

function drawEndpoint(random: Prng, endpoints: readonly LoadEndpoint[]): LoadEndpoint {
  const total = endpoints.reduce((sum, { weight }) => sum + weight, 0);
  const index = drawIndex(
    random,
    endpoints.map(({ weight }) => weight / total),
  );
  const endpoint = endpoints[index];
  if (!endpoint) throw new RangeError("a load needs an endpoint");
  return endpoint;
}

function fill(template: string, words: Record<string, string>): string {
  return template.replace(/\{([a-z]+)\}/g, (whole, key: string) => words[key] ?? whole);
}
