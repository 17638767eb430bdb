import { z } from "zod";
import { MAX_ROW_NUMBER } from "../core/cursor";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "./endpoint";

/** Query of every list: `limit` 1..200 (50 by default) and an opaque `cursor` from the last answer. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(DEFAULT_PAGE_SIZE),
  cursor: z.string().max(500).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** `{items, nextCursor}`; nextCursor null at the end. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** Names of models, prompts, endpoints …: what may stand in a URL. Prompts also take `/`. */
export const Name = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/, "may hold a-z, 0-9, '.', '_' and '-', and starts and ends with a letter or digit");

export const PathName = z
  .string()
  .min(1)
  .max(200)
  .regex(
    /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?(?:\/[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)*$/,
    "may hold a-z, 0-9, '.', '_', '-' and '/' between folders",
  );

export const Slug = z
  .string()
  .min(2)
  .max(40)
  .regex(/^[a-z][a-z0-9-]*[a-z0-9]$/, "may hold a-z, 0-9 and '-', and starts with a letter");

/** Number of a version, release or rollout, in a body; RowNumberText in a path. */
export const RowNumber = z.int().positive().max(MAX_ROW_NUMBER);
export const RowNumberText = z.coerce.number().int().positive().max(MAX_ROW_NUMBER);

export const Instant = z.iso.datetime();
/** Environment of a project; `production` when the request names none. */
export const EnvironmentName = z.string().min(2).max(40).default("production");
/** Why somebody did it; goes to the audit trail. */
export const Reason = z.string().trim().min(3, "needs a reason of at least 3 characters").max(1_000);
