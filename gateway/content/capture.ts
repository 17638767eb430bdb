import type { ContentText, GatewayCapture, MaskCounts } from "@/lib/contracts/content";
import { assignBucket } from "@/lib/core/assignment";
import type { TextOfChoice } from "../operations/answer-meter";
import { isObject } from "../operations/fields";
import { createMasker, type Masker, maskText } from "./mask-text";

const SAMPLE_SALT = "switchyard/request-content";

/** Whether this request's content is kept: the same everywhere and for ever, and for a larger share the same ones and more. */
export const isSampled = (requestId: string, sampleBps: number): boolean => assignBucket(SAMPLE_SALT, requestId) < sampleBps;

/**
 * Read beyond what is kept, and let go after masking: what ends there may be the beginning of something that would have been masked whole.
 * The longest that must be seen whole is an e-mail address (RFC 5321: 254).
 */
const OVERLAP = 512;
/** Rest of a text's value: pictures and sounds are not kept. */
const DATA_URL = /^data:[\w.+/-]{0,100}[;,]/;

/** The longest beginning of a text whose UTF-8 form has at most so many bytes. */
export function cutToBytes(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}

/** One side's texts, masked one by one until there is no more room. */
class Room {
  isCut = false;
  #left: number;

  constructor(
    maxBytes: number,
    private readonly masker: Masker,
  ) {
    this.#left = maxBytes;
  }

  /** The masked text, or as much of it as there is room for. `isPart`: its end was let go already. */
  take(text: string, isPart = false): string {
    if (this.#left <= 0 && text !== "") {
      this.isCut = true;
      return "";
    }
    const isLong = text.length > this.#left + OVERLAP;
    const masked = maskText(isLong ? text.slice(0, this.#left + OVERLAP) : text, this.masker);
    const kept = cutToBytes(isLong || isPart ? masked.slice(0, -OVERLAP) : masked, this.#left);
    if (kept.length < masked.length) this.isCut = true;
    this.#left -= Buffer.byteLength(kept);
    return kept;
  }

  /** A parsed JSON value with every text, name and long number of it masked; what there is no room for is left away. */
  takeValue(value: unknown): unknown {
    if (typeof value === "string") return DATA_URL.test(value) ? "[data]" : this.take(value);
    if (typeof value === "number") {
      this.#left -= 2;
      if (Math.abs(value) < 1e7) return value;
      const text = String(value);
      const masked = maskText(text, this.masker);
      return masked === text ? value : masked;
    }
    if (Array.isArray(value)) return this.#takeAll(value, (item) => this.takeValue(item));
    if (!isObject(value)) return value;
    return Object.fromEntries(this.#takeAll(Object.entries(value), ([name, item]) => [this.take(name), this.takeValue(item)] as const));
  }

  #takeAll<T, R>(items: readonly T[], take: (item: T) => R): R[] {
    const taken: R[] = [];
    for (const item of items) {
      if (this.#left <= 0) {
        this.isCut = true;
        break;
      }
      taken.push(take(item));
    }
    return taken;
  }
}

/** What a sampled request's answer says, read beside it. Bounded by what is kept of it. */
export class Capture {
  #answers = new Map<number, string[]>();
  #chars = 0;
  /** Choices whose end there was no room for. */
  readonly #parts = new Set<number>();

  constructor(
    readonly settings: GatewayCapture,
    readonly key: Buffer,
  ) {}

  /** Another call begins: what came of the one before it reached nobody. */
  begin(): void {
    this.#answers = new Map();
    this.#chars = 0;
    this.#parts.clear();
  }

  addPiece(index: number, text: string): void {
    if (text === "") return;
    const left = this.settings.maxBytes + OVERLAP - this.#chars;
    if (text.length > left) this.#parts.add(index);
    if (left <= 0) return;
    const piece = text.slice(0, left);
    this.#chars += piece.length;
    const pieces = this.#answers.get(index);
    if (pieces === undefined) this.#answers.set(index, [piece]);
    else pieces.push(piece);
  }

  /** A whole answer, or one event of a stream. */
  addChoices({ choices }: Readonly<Record<string, unknown>>, textOf: TextOfChoice | null): void {
    if (textOf === null || !Array.isArray(choices)) return;
    choices.forEach((choice, i) => {
      if (isObject(choice)) this.addPiece(typeof choice.index === "number" ? choice.index : i, textOf(choice));
    });
  }

  /** All of it, masked. `question` is the caller's JSON value as it reads. */
  toText(question: unknown): { readonly text: ContentText; readonly masked: MaskCounts } {
    const { maxBytes, masks } = this.settings;
    const masker = createMasker(masks);
    const asked = new Room(maxBytes, masker);
    const json = JSON.stringify(asked.takeValue(question));
    const kept = cutToBytes(json, maxBytes);
    const answered = new Room(maxBytes, masker);
    const choices = [...this.#answers].sort(([a], [b]) => a - b);
    const answers = choices.map(([index, pieces]) => answered.take(pieces.join(""), this.#parts.has(index)));
    return {
      text: {
        question: kept,
        questionCut: asked.isCut || kept.length < json.length,
        answers,
        answerCut: answered.isCut || this.#parts.size > 0,
      },
      masked: masker.counts,
    };
  }
}
