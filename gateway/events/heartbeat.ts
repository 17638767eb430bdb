import { readFile, rename, writeFile } from "node:fs/promises";
import { BACKEND_REPORT_MS, type BackendReport, type BackendReports, backendReportsKey } from "@/lib/contracts/backend-report";
import { type GatewayHeartbeat, HEARTBEAT_STREAM, heardKey } from "@/lib/contracts/gateway-event";
import type { Logger } from "@/lib/infra/logger";
import type { Redis } from "@/lib/infra/redis";
import type { Clock } from "../clock";

const BEAT_MS = 1_000;
const STREAM_ENTRIES = 1_000;
const SAVE_MS = 5_000;
const REPORT_BEATS = Math.round(BACKEND_REPORT_MS / BEAT_MS);
/** The newest is all that is wanted; a gateway that is gone leaves nothing behind. */
const REPORT_TTL_MS = 60_000;

export interface HeartbeatOptions {
  readonly gatewayId: string;
  /** null: nobody can hear. */
  readonly redis: Redis | null;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Remembers over a restart when the gateway was last heard. */
  readonly file: string;
  readonly describe: () => GatewayHeartbeat;
  readonly describeBackends: () => readonly BackendReport[];
}

/**
 * Says once a second what this gateway serves, every few seconds what it knows of its backends, and knows since when the control plane has not heard it. The answer's value is the
 * worker's clock, so only its change counts here. Over a restart the wall clock bridges; a clock that went back counts as never heard.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #heardAtMs: number | null = null;
  #savedAtMs = 0;
  #lastValue: string | null | undefined;
  #timer: NodeJS.Timeout | null = null;
  #beats = 0;
  #closed = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Milliseconds since the control plane last heard this gateway; Infinity when it never did. */
  unheardMs(): number {
    return this.#heardAtMs === null ? Number.POSITIVE_INFINITY : this.#options.clock.monotonicMs() - this.#heardAtMs;
  }

  /** Reads when the gateway was last heard before it was started. */
  async load(): Promise<void> {
    const { clock, file } = this.#options;
    const saved = Number(await readFile(file, "utf8").catch(() => "NaN"));
    const sinceMs = clock.nowMs() - saved;
    if (Number.isFinite(saved) && sinceMs >= 0) this.#heardAtMs = clock.monotonicMs() - sinceMs;
  }

  start(): void {
    void this.#beat();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #beat(): Promise<void> {
    const { redis, gatewayId, describe, logger } = this.#options;
    if (redis !== null && redis.status === "ready") {
      try {
        if (this.#beats++ % REPORT_BEATS === 0) await this.#report(redis);
        await redis.xadd(HEARTBEAT_STREAM, "MAXLEN", "~", STREAM_ENTRIES, "*", "h", JSON.stringify(describe()));
        await this.#listen(await redis.get(heardKey(gatewayId)));
      } catch (error) {
        logger.debug({ err: error }, "heartbeat could not be sent");
      }
    }
    if (!this.#closed) this.#timer = setTimeout(() => void this.#beat(), BEAT_MS);
  }

  async #report(redis: Redis): Promise<void> {
    const { gatewayId, describe, describeBackends } = this.#options;
    const { bootId, at } = describe();
    const reports: BackendReports = { gatewayId, bootId, at, backends: [...describeBackends()] };
    await redis.set(backendReportsKey(gatewayId), JSON.stringify(reports), "PX", REPORT_TTL_MS);
  }

  async #listen(value: string | null): Promise<void> {
    const known = this.#lastValue;
    this.#lastValue = value;
    // The first value read may be of any age.
    if (value === null || known === undefined || value === known) return;
    const { clock, file } = this.#options;
    this.#heardAtMs = clock.monotonicMs();
    if (clock.monotonicMs() - this.#savedAtMs < SAVE_MS && this.#savedAtMs !== 0) return;
    this.#savedAtMs = clock.monotonicMs();
    await writeFile(`${file}.tmp`, String(clock.nowMs()));
    await rename(`${file}.tmp`, file);
  }
}
