import type { KeyObject } from "node:crypto";
import type { Logger } from "@/lib/infra/logger";
import { type BuildOptions, buildRuntime } from "./build-runtime";
import type { RuntimeConfig } from "./runtime-config";
import type { SnapshotStore } from "./snapshot-store";
import { compareVersions, parseEnvelope, SnapshotRefusedError, type SnapshotVersion, verifySnapshot } from "./verify-snapshot";

/** Where a snapshot came from; each source has its own standing alarm, cleared when that source offers a good one. */
export type SnapshotSource = "disk" | "redis" | "web";

export type OfferResult = "served" | "current" | "refused";

export interface ConfigHolderOptions extends BuildOptions {
  readonly publicKeys: readonly KeyObject[];
  readonly store: SnapshotStore;
  readonly logger: Logger;
  readonly onRefused: (source: SnapshotSource) => void;
  readonly onServed: (config: RuntimeConfig) => void;
}

/**
 * Holds the one snapshot that is served. A new one is checked, made durable and only then swapped in by one reference; a bad or older
 * one is refused with an alarm while the good one serves on.
 */
export class ConfigHolder {
  /** null until a first good snapshot is there. */
  current: RuntimeConfig | null = null;
  readonly #options: ConfigHolderOptions;
  readonly #alarms = new Map<SnapshotSource | "secrets", string>();
  /** The last text that each source offered: the same text again needs no second look. */
  readonly #seen = new Map<SnapshotSource, { text: string; result: OfferResult }>();
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: ConfigHolderOptions) {
    this.#options = options;
  }

  /** Why something newer is not served, or what is degraded; null when all is well. */
  get alarm(): string | null {
    return this.#alarms.size === 0 ? null : [...this.#alarms].map(([source, text]) => `${source}: ${text}`).join("; ");
  }

  /** Serves the newest good snapshot of the disk; damaged files are passed over with an alarm. */
  async loadFromDisk(): Promise<void> {
    for (const stored of await this.#options.store.list()) {
      const text = await this.#options.store.read(stored).catch((error: unknown) => String(error));
      if ((await this.#queued(text, "disk", stored)) === "served") return;
    }
  }

  /** Offers are taken one after the other; never throws. `text` is a SignedSnapshot as JSON. */
  offer(text: string, source: SnapshotSource): Promise<OfferResult> {
    const seen = this.#seen.get(source);
    if (seen?.text === text && seen.result !== "served") return Promise.resolve(seen.result);
    return this.#queued(text, source, null);
  }

  /** A source has nothing newer than what is served: whatever it offered before, it does not any more. */
  agree(source: SnapshotSource): void {
    this.#clear(source);
  }

  /** `named`: what the file says that it holds, when it comes from one. */
  #queued(text: string, source: SnapshotSource, named: SnapshotVersion | null): Promise<OfferResult> {
    const result = this.#queue.then(() => this.#take(text, source, named));
    this.#queue = result;
    return result;
  }

  /** Takes nothing more, and waits for what is being written. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue;
  }

  async #take(text: string, source: SnapshotSource, named: SnapshotVersion | null): Promise<OfferResult> {
    if (this.#closed) return "refused";
    let result: OfferResult;
    try {
      result = await this.#judge(text, source, named);
      // A good older file on disk does not undo the finding that the newest one is damaged.
      if (source !== "disk") this.#clear(source);
    } catch (error) {
      result = "refused";
      this.#raise(source, error instanceof SnapshotRefusedError ? error.message : `unexpected: ${error}`);
      this.#options.onRefused(source);
    }
    this.#seen.set(source, { text, result: result === "served" ? "current" : result });
    return result;
  }

  async #judge(text: string, source: SnapshotSource, named: SnapshotVersion | null): Promise<OfferResult> {
    const signed = parseEnvelope(text);
    // Well signed, but put in the place of another: an older configuration must not come back by a copied file.
    if (named !== null && compareVersions(signed, named) !== 0)
      throw new SnapshotRefusedError(
        `its file should hold ${named.epoch}.${named.generation}, and holds ${signed.epoch}.${signed.generation}`,
      );
    const { current } = this;
    const order = current === null ? 1 : compareVersions(signed, current);
    if (current !== null && order < 0)
      throw new SnapshotRefusedError(
        `it offers ${signed.epoch}.${signed.generation}, older than the served ${current.epoch}.${current.generation}`,
      );
    if (order === 0) return "current";
    const config = buildRuntime(verifySnapshot(signed, this.#options.publicKeys), this.#options);
    if (source !== "disk") await this.#persist(config, text);
    this.current = config;
    if (config.warnings.length > 0) this.#raise("secrets", config.warnings.join("; "));
    else this.#clear("secrets");
    this.#options.logger.info(
      { epoch: config.epoch, generation: config.generation, source, endpoints: config.endpointCount },
      "snapshot served",
    );
    this.#options.onServed(config);
    return "served";
  }

  /** A full disk must not keep a rollback from taking effect: the swap goes on, and the next start begins with an older snapshot. */
  async #persist(config: RuntimeConfig, text: string): Promise<void> {
    try {
      await this.#options.store.save(config, text);
      // The newest file is a good one again, whatever was found there before.
      this.#clear("disk");
    } catch (error) {
      this.#raise("disk", `not stored: ${error instanceof Error ? error.message : error}`);
    }
  }

  #raise(source: SnapshotSource | "secrets", text: string): void {
    if (this.#alarms.get(source) === text) return;
    this.#alarms.set(source, text);
    this.#options.logger.error({ source, reason: text, serving: this.current?.generation ?? null }, "snapshot alarm");
  }

  #clear(source: SnapshotSource | "secrets"): void {
    if (this.#alarms.delete(source)) this.#options.logger.info({ source }, "snapshot alarm is over");
  }
}
