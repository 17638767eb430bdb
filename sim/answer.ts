import type { Prng } from "@/lib/core/prng";
import { ANSWER_SENTENCES, type Language, type Topic } from "./answer-corpus";
import { drawElement, drawLognormalByP95, prngFor, shuffle } from "./prng";
import type { ModelProfile } from "./profiles";
import { latentQuality } from "./quality";
import { BYTES_PER_TOKEN } from "./tokens";

export type AnswerInput = {
  model: string;
  seed: number;
  profile: ModelProfile;
  /** The text of the last user message, or the prompt. */
  question: string;
  /** All text of the request: it decides the topic. */
  context: string;
  /** Which of the n choices. */
  index: number;
};

const HANGUL = /[\uac00-\ud7a3]/;
const REFERENCE = /\b[A-Z]{1,4}-?\d{4,12}\b/;

/**
 * The text of an answer: a function of (seed, model, question, context, index) and nothing else. The higher the latent
 * quality, the more of its sentences answer the question. Its length follows `outputTokens`, rounded to whole sentences.
 */
export function composeAnswer(input: AnswerInput): string {
  const { model, seed, profile, question, context, index } = input;
  const random = prngFor(seed, model, "answer", index, question);
  const quality = latentQuality({ model, question, seed, quality: profile.quality });
  const language = profile.language === "auto" ? detectLanguage(question) : profile.language;
  const sentences = ANSWER_SENTENCES[language][detectTopic(context)];
  const reference = REFERENCE.exec(question)?.[0] ?? null;
  const usable = (pool: readonly string[]) => (reference === null ? pool.filter((sentence) => !sentence.includes("{ref}")) : pool);
  const fill = (sentence: string) => (reference === null ? sentence : sentence.replaceAll("{ref}", reference));

  const target = Math.min(profile.contextLength, Math.max(1, Math.round(drawLognormalByP95(random, profile.outputTokens))));
  const targetBytes = target * BYTES_PER_TOKEN;
  const draw = endless(random, { clear: usable(sentences.clear), vague: usable(sentences.vague), quality, question });
  const next = () => fill(draw());
  const parts = [fill(drawElement(random, usable(sentences.opening)))];
  let bytes = Buffer.byteLength(parts[0] ?? "");
  const isCloserWith = (part: string) => Math.abs(bytes + Buffer.byteLength(part) - targetBytes) <= Math.abs(bytes - targetBytes);
  for (let part = next(); isCloserWith(part); part = next()) {
    parts.push(part);
    bytes += Buffer.byteLength(part);
  }
  const closing = ` ${fill(drawElement(random, usable(sentences.closing)))}`;
  if (isCloserWith(closing)) parts.push(closing);
  return parts.join("");
}

type Pools = { clear: readonly string[]; vague: readonly string[]; quality: number; question: string };

/** Sentences without end: no sentence comes again before its pool is used up, those near the question come first. */
function endless(random: Prng, pools: Pools) {
  const stems = stemsOf(pools.question);
  const nearness = (sentence: string) => stemsOfSentence(sentence).filter((stem) => stems.has(stem)).length;
  let clear: string[] = [];
  let vague: string[] = [];
  let taken = 0;
  return (): string => {
    if (clear.length === 0) clear = shuffle(random, pools.clear).sort((a, b) => nearness(a) - nearness(b));
    if (vague.length === 0) vague = shuffle(random, pools.vague);
    const sentence = (random.next() < pools.quality ? clear : vague).pop() ?? "";
    taken += 1;
    return `${taken % 8 === 0 ? "\n\n" : " "}${sentence}`;
  };
}

/** Beginnings of the longer words: enough to tell a question about a refund from one about a password. */
function stemsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[a-z]{5,}|[\uac00-\ud7a3]{2,}/g) ?? [];
  return new Set(words.map((word) => word.slice(0, HANGUL.test(word) ? 2 : 5)));
}

const sentenceStems = new Map<string, string[]>();

/** The same for a sentence of the corpus, worked out once. */
function stemsOfSentence(sentence: string): string[] {
  const known = sentenceStems.get(sentence);
  if (known) return known;
  const stems = [...stemsOf(sentence)];
  sentenceStems.set(sentence, stems);
  return stems;
}

function detectLanguage(text: string): Language {
  return HANGUL.test(text) ? "ko" : "en";
}

function detectTopic(text: string): Topic {
  if (/triage|classif|categor|분류|우선순위/i.test(text)) return "triage";
  if (/summar|in brief|요약|정리해/i.test(text)) return "summary";
  return "support";
}
