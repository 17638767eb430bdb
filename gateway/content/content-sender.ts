import { CONTENT_STREAM, CONTENT_STREAM_LENGTH, type ContentText, MAX_SEALED_BYTES } from "@/lib/contracts/content";
import type { Logger } from "@/lib/infra/logger";
import { connectRedis, type Redis } from "@/lib/infra/redis";
import { sealContent } from "@/lib/infra/sealed-content";
import type { RuntimeConfig } from "../config/runtime-config";
import type { Contents, Keeping } from "./contents";

/** On their way to Redis; more are let go. */
const MOST_PENDING_BYTES = 8 * 1_048_576;
/** Redis took a command and says nothing for so long: the connection is broken off and made again. */
const SILENT_MS = 5_000;

/** kept: Redis has it · dropped: Redis is away, or too much is on its way · failed */
export type KeepResult = "kept" | "dropped" | "failed";

export interface ContentSenderOptions {
  readonly redisUrl: string | null;
  readonly logger: Logger;
  readonly onDone: (result: KeepResult) => void;
}

const sizeOf = ({ question, answers }: ContentText): number => answers.reduce((sum, answer) => sum + answer.length, question.length);

/** Sends content over a connection of its own, which is open only while an endpoint keeps any. */
export class ContentSender implements Contents {
  readonly #options: ContentSenderOptions;
  #redis: Redis | null = null;
  #pendingBytes = 0;

  constructor(options: ContentSenderOptions) {
    this.#options = options;
  }

  /** Follows the configuration. */
  keepOnly(config: RuntimeConfig): void {
    const { redisUrl, logger } = this.#options;
    const isKept = [...config.internalTargets.values()].some(({ endpoint }) => endpoint.capture !== null);
    if (redisUrl === null || !isKept) this.close();
    else this.#redis ??= connectRedis(redisUrl, "request", (error) => logger.debug({ err: error }, "the content's redis"), SILENT_MS);
  }

  get isConnected(): boolean {
    return this.#redis?.status === "ready";
  }

  keep(keeping: Keeping): void {
    const bytes = sizeOf(keeping.text);
    if (!this.isConnected || this.#pendingBytes + bytes > MOST_PENDING_BYTES) {
      this.#options.onDone("dropped");
      return;
    }
    this.#pendingBytes += bytes;
    void this.#send(keeping)
      .then(this.#options.onDone, (error: unknown) => {
        this.#options.logger.debug({ err: error }, "a request's content could not be sent");
        this.#options.onDone("failed");
      })
      .finally(() => {
        this.#pendingBytes -= bytes;
      });
  }

  countFailed(): void {
    this.#options.onDone("failed");
  }

  close(): void {
    this.#redis?.disconnect();
    this.#redis = null;
  }

  async #send({ note, text, key }: Keeping): Promise<KeepResult> {
    const sealed = await sealContent(key, note, text);
    const redis = this.#redis;
    if (redis === null || sealed.length > MAX_SEALED_BYTES) return "dropped";
    await redis.xadd(CONTENT_STREAM, "MAXLEN", "~", CONTENT_STREAM_LENGTH, "*", "n", JSON.stringify(note), "s", sealed);
    return "kept";
  }
}
