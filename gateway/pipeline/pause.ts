import type { Watched } from "../deadline-watch";
import type { RequestState } from "./request-state";

class Pause implements Watched {
  constructor(
    private readonly state: RequestState,
    private readonly untilMs: number,
    private readonly resolve: () => void,
  ) {}

  check(nowMs: number): void {
    if (nowMs < this.untilMs && !this.state.gone) return;
    this.state.gateway.watch.remove(this);
    this.resolve();
  }
}

/** Waits before a request is sent again; over at once when its client has gone. */
export function pause(state: RequestState, ms: number): Promise<void> {
  const { clock, watch } = state.gateway;
  return new Promise((resolve) => watch.add(new Pause(state, clock.monotonicMs() + ms, resolve)));
}
