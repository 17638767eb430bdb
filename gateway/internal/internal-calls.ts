import type { KeyObject } from "node:crypto";
import { INTERNAL_TOKEN_SKEW_MS, type InternalCallClaims } from "@/lib/contracts/internal-call";
import { AppError } from "@/lib/core/errors";
import { InternalTokenError, isBodyOf, verifyInternalToken } from "@/lib/infra/internal-token";

const BEARER = /^bearer +(\S{8,8192})$/i;
/** Ids that are remembered at once: a minute of calls. More are refused, not forgotten. */
const MAX_REMEMBERED = 50_000;
const SWEEP_EVERY = 1_000;

const refused = (detail: string) => new AppError("invalid_api_key", detail);

/**
 * Takes the tokens of the control plane's own calls, each once. What it remembers is its own: behind a balancer another gateway would take
 * a token that was seen here, for its minute and for the very same body. A token from before this process began is refused, since it may
 * have been taken by the one before.
 */
export class InternalCalls {
  readonly #seen = new Map<string, number>();
  readonly #startedMs: number;

  constructor(
    private readonly publicKeys: readonly KeyObject[],
    private readonly nowMs: () => number,
  ) {
    this.#startedMs = nowMs();
  }

  /** @throws AppError invalid_api_key, rate_limited */
  take(authorization: string | undefined): InternalCallClaims {
    if (this.publicKeys.length === 0)
      throw refused("This gateway takes no internal calls: it was given no SWITCHYARD_INTERNAL_PUBLIC_KEYS.");
    const text = BEARER.exec(authorization ?? "")?.[1];
    if (text === undefined) throw refused("Internal calls carry an internal token as “Authorization: Bearer sy-int-v1.…”.");
    const nowMs = this.nowMs();
    const claims = this.#verify(text, nowMs);
    if (claims.issuedAt < this.#startedMs) throw refused("The internal token is older than this gateway's process: ask with a new one.");
    if (this.#seen.has(claims.id)) throw refused("The internal token was used already.");
    if (this.#seen.size >= MAX_REMEMBERED || this.#seen.size % SWEEP_EVERY === SWEEP_EVERY - 1) this.#forgetExpired(nowMs);
    if (this.#seen.size >= MAX_REMEMBERED)
      throw new AppError("rate_limited", "Too many internal calls in the last minute.", { retryAfterSeconds: 5 });
    this.#seen.set(claims.id, claims.expiresAt + INTERNAL_TOKEN_SKEW_MS);
    return claims;
  }

  #verify(text: string, nowMs: number): InternalCallClaims {
    try {
      return verifyInternalToken(text, this.publicKeys, nowMs);
    } catch (error) {
      if (error instanceof InternalTokenError) throw refused(error.message);
      throw error;
    }
  }

  #forgetExpired(nowMs: number): void {
    for (const [id, untilMs] of this.#seen) if (untilMs <= nowMs) this.#seen.delete(id);
  }
}

/** @throws AppError invalid_api_key: the token was signed for another body */
export function assertBodyOf(claims: InternalCallClaims, body: Uint8Array): void {
  if (!isBodyOf(claims, body)) throw refused("The internal token was signed for another body.");
}
