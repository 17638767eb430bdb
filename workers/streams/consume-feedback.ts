import { FEEDBACK_STREAM, FeedbackEntry } from "@/lib/contracts/feedback";
import { asFeedbackReader, takeFeedback } from "@/lib/domain/scores";
import { keepDeadLetters } from "@/lib/domain/usage";
import type { Logger } from "@/lib/infra/logger";
import { connectRedis, untilConnected } from "@/lib/infra/redis";
import { startLoop } from "../loop";
import { takeApart } from "./take-apart";

const EVERY_MS = 500;
const READ_ENTRIES = 500;

/** null for what no gateway of ours wrote. */
function parseEntry(fields: readonly string[]): FeedbackEntry | null {
  const text = fields.find((_, i) => i % 2 === 1 && fields[i - 1] === "f");
  try {
    return FeedbackEntry.safeParse(JSON.parse(text ?? "")).data ?? null;
  } catch {
    return null;
  }
}

/** What no row can hold is kept beside the scores, without what a person wrote: nobody would find that there to erase it. */
async function refuse({ comment: _, ...entry }: FeedbackEntry, reason: string, logger: Logger): Promise<void> {
  await keepDeadLetters(FEEDBACK_STREAM, [{ reason, content: JSON.stringify(entry) }]);
  logger.error(
    { projectId: entry.projectId, requestId: entry.request_id, reason },
    "feedback that cannot be kept is set aside as a dead letter",
  );
}

/** Brings in the feedback that gateways took. PostgreSQL first, then Redis: what is read again changes nothing. */
export function startFeedbackConsumer({ redisUrl, logger }: { redisUrl: string; logger: Logger }): { stop(): Promise<void> } {
  const redis = connectRedis(redisUrl, "request", (error) => logger.debug({ err: error }, "feedback: Redis connection"));
  const loop = startLoop({
    name: "feedback",
    idleMs: EVERY_MS,
    logger,
    ready: () => untilConnected(redis),
    async run() {
      if ((await redis.exists(FEEDBACK_STREAM)) === 0) return false;
      const read = await asFeedbackReader(async () => {
        const entries = await redis.xrange(FEEDBACK_STREAM, "-", "+", "COUNT", READ_ENTRIES);
        if (entries.length === 0) return 0;
        const feedback = entries.map(([, fields]) => parseEntry(fields));
        const unread = feedback.filter((entry) => entry === null).length;
        if (unread > 0) logger.warn({ unread }, "feedback that cannot be read is passed over");
        await takeApart(
          feedback.filter((entry) => entry !== null),
          { take: takeFeedback, refuse: (entry, fault) => refuse(entry, fault, logger) },
        );
        await redis.xdel(FEEDBACK_STREAM, ...entries.map(([id]) => id));
        return entries.length;
      });
      return read === READ_ENTRIES;
    },
  });
  return {
    async stop() {
      await loop.stop();
      redis.disconnect();
    },
  };
}
