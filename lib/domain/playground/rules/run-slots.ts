/** How many runs of each person or token are under way in this process. */
export class RunSlots {
  readonly #running = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** Whether there was a place; who took one gives it back once. */
  take(actorId: string): boolean {
    const running = this.#running.get(actorId) ?? 0;
    if (running >= this.most) return false;
    this.#running.set(actorId, running + 1);
    return true;
  }

  giveBack(actorId: string): void {
    const left = (this.#running.get(actorId) ?? 0) - 1;
    if (left > 0) this.#running.set(actorId, left);
    else this.#running.delete(actorId);
  }
}
