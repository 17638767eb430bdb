import { FEEDBACK_STREAM, FEEDBACK_STREAM_LENGTH, type FeedbackEntry } from "@/lib/contracts/feedback";
import { AppError } from "@/lib/core/errors";
import type { Logger } from "@/lib/infra/logger";
import type { Redis } from "@/lib/infra/redis";
import type { FeedbackSink } from "./feedback-sink";

/** On their way to Redis; who comes beyond them is told to come again. */
const MOST_UNDER_WAY = 256;
/** Redis took it and says nothing for so long: whoever sent it is told to send it again, which does no harm. */
const SILENT_MS = 2_000;
const RETRY_SECONDS = 2;

const ADD = `if redis.call("XLEN", KEYS[1]) >= tonumber(ARGV[1]) then return false end
return redis.call("XADD", KEYS[1], "*", "f", ARGV[2])`;

const away = (detail: string, cause?: unknown) => new AppError("unavailable", detail, { retryAfterSeconds: RETRY_SECONDS, cause });

export class FeedbackSender implements FeedbackSink {
  #underWay = 0;

  constructor(
    private readonly redis: Redis | null,
    private readonly logger: Logger,
  ) {}

  async send(entry: FeedbackEntry): Promise<void> {
    const { redis } = this;
    if (redis === null || redis.status !== "ready") throw away("Feedback cannot be kept at the moment. Send it again.");
    if (this.#underWay >= MOST_UNDER_WAY) throw away("Too much feedback is under way. Send it again.");
    this.#underWay++;
    let timer: NodeJS.Timeout | undefined;
    try {
      const silence = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error("Redis says nothing")), SILENT_MS);
      });
      const id = await Promise.race([redis.eval(ADD, 1, FEEDBACK_STREAM, FEEDBACK_STREAM_LENGTH, JSON.stringify(entry)), silence]);
      if (id === null) throw away("Too much feedback waits to be taken in. Send it again later.");
    } catch (error) {
      if (error instanceof AppError) throw error;
      this.logger.debug({ err: error }, "feedback could not be sent");
      throw away("Whether the feedback was kept cannot be told. Send it again.", error);
    } finally {
      clearTimeout(timer);
      this.#underWay--;
    }
  }
}
