import { z } from "zod";

const OriginalError = z
  .object({ originalCode: z.string(), originalMessage: z.string() })
  .transform(({ originalCode: code, originalMessage: message }) => ({ code, message }));
/** PostgreSQL's own code and message: out of what Prisma made of its error, or of the pool's. */
const PostgresError = z.union([
  z
    .object({ meta: z.object({ driverAdapterError: z.object({ cause: OriginalError }) }) })
    .transform(({ meta }) => meta.driverAdapterError.cause),
  z.object({ code: z.string(), message: z.string() }),
]);

/**
 * The message of an error that these very values cause and will cause again (data exception, integrity, too large for an index), so that
 * repeating is useless; null for every other.
 */
export function dataFault(error: unknown): string | null {
  const known = PostgresError.safeParse(error).data;
  return known !== undefined && /^(?:22|23|54)[0-9A-Z]{3}$/.test(known.code) ? `${known.code}: ${known.message}` : null;
}
