import { CONTENT_STREAM, ContentNote, MAX_SEALED_BYTES } from "@/lib/contracts/content";
import { type SealedContent, saveContents } from "@/lib/domain/contents";
import type { Logger } from "@/lib/infra/logger";
import { connectRedis, untilConnected } from "@/lib/infra/redis";
import { startLoop } from "../loop";
import { takeApart } from "./take-apart";

const EVERY_MS = 500;
const READ_ENTRIES = 50;

/** null for what no gateway of ours wrote. */
function parseContent(fields: readonly Buffer[]): SealedContent | null {
  const fieldOf = (name: string) => fields.find((_, i) => i % 2 === 1 && fields[i - 1]?.toString() === name);
  const sealed = fieldOf("s");
  if (sealed === undefined || sealed.length > MAX_SEALED_BYTES) return null;
  try {
    const note = ContentNote.safeParse(JSON.parse(fieldOf("n")?.toString("utf8") ?? "")).data;
    return note === undefined ? null : { note, sealed };
  } catch {
    return null;
  }
}

/** Keeps the content that gateways send. PostgreSQL first, then Redis: several workers may read the same entry, and each is kept once. */
export function startContentConsumer({ redisUrl, logger }: { redisUrl: string; logger: Logger }): { stop(): Promise<void> } {
  const redis = connectRedis(redisUrl, "request", (error) => logger.debug({ err: error }, "contents: Redis connection"));
  const loop = startLoop({
    name: "request contents",
    idleMs: EVERY_MS,
    logger,
    ready: () => untilConnected(redis),
    async run() {
      const entries = await redis.xrangeBuffer(CONTENT_STREAM, "-", "+", "COUNT", READ_ENTRIES);
      if (entries.length === 0) return false;
      const contents = entries.map(([, fields]) => parseContent(fields));
      const unread = contents.filter((content) => content === null).length;
      if (unread > 0) logger.warn({ unread }, "contents that cannot be read are passed over");
      await takeApart(
        contents.filter((content) => content !== null),
        {
          take: saveContents,
          refuse: async ({ note }, reason) =>
            logger.error({ requestId: note.requestId, reason }, "content that cannot be kept is passed over"),
        },
      );
      await redis.xdel(CONTENT_STREAM, ...entries.map(([id]) => id));
      return entries.length === READ_ENTRIES;
    },
  });
  return {
    async stop() {
      await loop.stop();
      redis.disconnect();
    },
  };
}
