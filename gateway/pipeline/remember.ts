import { sealAnswer } from "../cache/sealed-answer";
import type { RequestState } from "./request-state";

interface Answered {
  readonly contentType: string;
  readonly body: Buffer;
}

/** A stream's events, kept while they are relayed, as far as the release and all streams together allow; else nothing of them. */
export class AnswerCopy {
  #pieces: Buffer[] | null = [];
  #bytes = 0;

  private constructor(
    private readonly store: RequestState["gateway"]["answers"],
    private readonly maxBytes: number,
  ) {}

  /** null where nothing is stored. */
  static open({ gateway, cache }: RequestState): AnswerCopy | null {
    return cache === null || !cache.stores ? null : new AnswerCopy(gateway.answers, cache.settings.maxEntryBytes);
  }

  add(piece: Buffer): void {
    if (this.#pieces === null) return;
    if (this.#bytes + piece.length > this.maxBytes || !this.store.claim(piece.length)) {
      this.drop();
      return;
    }
    this.#bytes += piece.length;
    this.#pieces.push(piece);
  }

  /** All of it, once; null when it was too much. */
  take(): Buffer | null {
    const pieces = this.#pieces;
    this.drop();
    return pieces === null ? null : Buffer.concat(pieces);
  }

  drop(): void {
    this.store.release(this.#bytes);
    this.#bytes = 0;
    this.#pieces = null;
  }
}

/** Stores a complete answer of the variant that was assigned, in its own time: nobody waits, and nothing that goes wrong is told. */
export function remember({ gateway, cache, meter, outcome, plan }: RequestState, { contentType, body }: Answered): void {
  if (cache === null || !cache.stores || outcome !== "complete" || meter === null || plan === null) return;
  const { settings, keys, place } = cache;
  if (body.length > settings.maxEntryBytes) return;
  const answer = { atMs: gateway.clock.nowMs(), contentType, counts: meter.count(plan.payload, false), body };
  gateway.answers.store({
    place,
    keepMs: (settings.ttlSeconds + settings.staleSeconds) * 1_000,
    bytes: body.length,
    seal: () => sealAnswer(keys.sealing, place.name, answer),
  });
}
