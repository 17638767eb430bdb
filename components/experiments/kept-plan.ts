import type { PlanDraft } from "./plan-draft";

/** A draft from a browser's storage; null where there is none, or one of a form with other fields than this one's. */
export function readKept(text: string | null, like: PlanDraft): PlanDraft | null {
  if (text === null) return null;
  try {
    const kept: unknown = JSON.parse(text);
    return isLike(kept, like) ? (kept as PlanDraft) : null;
  } catch {
    return null;
  }
}

/** Whether it has the same fields of the same kinds; rows of a list are like the first one where there is one to compare. */
function isLike(value: unknown, like: unknown): boolean {
  if (Array.isArray(like)) return Array.isArray(value) && (like.length === 0 || value.every((each) => isLike(each, like[0])));
  if (typeof like !== "object" || like === null) return typeof value === typeof like;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const fields = Object.entries(like);
  const own = value as Record<string, unknown>;
  return Object.keys(own).length === fields.length && fields.every(([name, each]) => name in own && isLike(own[name], each));
}
