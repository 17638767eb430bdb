/** Classes of failure that a fallback step names. */
export const FALLBACK_CLASSES = ["rate_limited", "overloaded", "context_too_long", "refused", "unavailable", "timeout"] as const;
export type FallbackClass = (typeof FALLBACK_CLASSES)[number];
