/** What limits count: a minute, of which what happened leaves again slot by slot. */
export const WINDOW_MS = 60_000;
export const SLOT_MS = 250;
/** The slots of a whole window and the one that is begun. */
const SLOTS = WINDOW_MS / SLOT_MS + 1;

/**
 * A sum over the last minute, in slots of a quarter of a second: each amount counts for at least 60 s and at most 60.25 s, so that no window
 * of 60 s, wherever it begins, holds more than the sum ever was. (A token bucket lets twice its size into some windows, a counter that begins
 * anew each minute too; a log of all times grows with the limit.) Times are monotonic milliseconds; every call costs the same.
 */
export class SlidingWindow {
  readonly #slots = new Float64Array(SLOTS);
  #newest = 0;
  #lastUsed = Number.NEGATIVE_INFINITY;
  #sum = 0;

  sum(nowMs: number): number {
    this.#advance(nowMs);
    return this.#sum;
  }

  /** Returns the slot that it counts in, for taking it back. */
  add(amount: number, nowMs: number): number {
    this.#advance(nowMs);
    const at = this.#newest % SLOTS;
    this.#slots[at] = (this.#slots[at] ?? 0) + amount;
    this.#sum += amount;
    this.#lastUsed = this.#newest;
    return this.#newest;
  }

  /** Takes back what was added; nothing when it has left the window already. */
  takeBack(amount: number, slot: number, nowMs: number): void {
    this.#advance(nowMs);
    if (slot <= this.#newest - SLOTS) return;
    const at = slot % SLOTS;
    this.#slots[at] = (this.#slots[at] ?? 0) - amount;
    this.#sum -= amount;
  }

  /** Milliseconds until at least this much has left; null when the whole window holds less. */
  msUntilLeft(amount: number, nowMs: number): number | null {
    this.#advance(nowMs);
    if (amount <= 0) return 0;
    let left = 0;
    for (let slot = this.#newest - SLOTS + 1; slot <= this.#newest; slot++) {
      left += this.#slots[((slot % SLOTS) + SLOTS) % SLOTS] ?? 0;
      if (left >= amount) return Math.max(0, (slot + SLOTS) * SLOT_MS - nowMs);
    }
    return null;
  }

  /** Milliseconds until all that counts now has left; 0 when nothing counts. */
  msUntilEmpty(nowMs: number): number {
    this.#advance(nowMs);
    return this.#sum === 0 ? 0 : Math.max(0, (this.#lastUsed + SLOTS) * SLOT_MS - nowMs);
  }

  #advance(nowMs: number): void {
    const slot = Math.floor(nowMs / SLOT_MS);
    if (slot <= this.#newest) return;
    if (slot - this.#newest >= SLOTS) {
      this.#slots.fill(0);
      this.#sum = 0;
      this.#newest = slot;
      return;
    }
    while (this.#newest < slot) {
      const at = ++this.#newest % SLOTS;
      this.#sum -= this.#slots[at] ?? 0;
      this.#slots[at] = 0;
    }
  }
}
