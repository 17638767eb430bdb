import type { RuntimeBackend } from "../config/runtime-config";
import type { BackendState, BackendStates } from "./backend-states";
import { probeHealth, scrapeLoad } from "./probe";
import type { Upstreams } from "./upstreams";

const TICK_MS = 250;
/** At a time; the others are a tick late. */
const MOST_AT_ONCE = 32;
/** What is called by OpenAI's API only may be somebody else's service: it is asked less often. */
const OPENAI_TIMES = 6;

export interface BackendMonitorOptions {
  readonly states: BackendStates;
  readonly upstreams: Upstreams;
  readonly onChange: (backend: RuntimeBackend, state: BackendState) => void;
  readonly monotonicMs: () => number;
  readonly newId: () => string;
  readonly random: () => number;
  /** Between two checks of one backend, within a tenth more or less; 0: none is asked. */
  readonly everyMs: number;
}

interface Watch {
  backend: RuntimeBackend;
  dueMs: number;
  isRunning: boolean;
}

/**
 * Asks every backend of the served snapshot again and again whether it is well and how loaded it is. One timer for all; each has a time of
 * its own, so that many gateways do not ask in the same moment. A backend that no snapshot names is not asked.
 */
export class BackendMonitor {
  readonly #watches = new Map<string, Watch>();
  #timer: NodeJS.Timeout | null = null;
  #running = 0;
  #closed = false;

  constructor(private readonly options: BackendMonitorOptions) {}

  /** These are asked from now on, and no others. */
  follow(backends: readonly RuntimeBackend[]): void {
    const { everyMs, random, monotonicMs } = this.options;
    if (everyMs === 0 || this.#closed) return;
    const named = new Map(backends.map((b) => [b.id, b]));
    for (const id of this.#watches.keys()) if (!named.has(id)) this.#watches.delete(id);
    for (const [id, backend] of named) {
      const known = this.#watches.get(id);
      if (known === undefined)
        this.#watches.set(id, { backend, dueMs: monotonicMs() + random() * Math.min(1_000, everyMs), isRunning: false });
      else known.backend = backend;
    }
    this.#timer ??= setInterval(() => this.#tick(), Math.min(TICK_MS, everyMs)).unref();
  }

  close(): void {
    this.#closed = true;
    this.#watches.clear();
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #tick(): void {
    const nowMs = this.options.monotonicMs();
    for (const watch of this.#watches.values()) {
      if (this.#running >= MOST_AT_ONCE) return;
      if (watch.isRunning || nowMs < watch.dueMs) continue;
      void this.#check(watch);
    }
  }

  async #check(watch: Watch): Promise<void> {
    const { states, onChange, monotonicMs, random, everyMs } = this.options;
    const { backend } = watch;
    const startedMs = monotonicMs();
    watch.isRunning = true;
    this.#running++;
    const [health, load] = await Promise.all([probeHealth(this.options, backend), scrapeLoad(this.options, backend)]);
    this.#running--;
    watch.isRunning = false;
    watch.dueMs = startedMs + everyMs * (backend.kind === "openai" && backend.metrics === null ? OPENAI_TIMES : 1) * (0.9 + 0.2 * random());
    // It may have left the configuration meanwhile: nothing of it is kept.
    if (this.#watches.get(backend.id) !== watch) return;
    const state = states.of(backend);
    if (state.noteProbe(health, startedMs)) onChange(backend, state);
    if (load !== null) state.noteLoad(load);
  }
}
