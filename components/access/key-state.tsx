"use client";

import { useNow } from "@/components/shell/time-provider";
import { StateBadge } from "@/components/ui/state-badge";

type Validity = { readonly revokedAt: string | null; readonly expiresAt: string | null };

/** Whether a token or key works at this moment. */
export function KeyState({ revokedAt, expiresAt }: Validity) {
  const isExpired = useNow((nowMs) => expiresAt !== null && Date.parse(expiresAt) <= nowMs);
  return <StateBadge state={revokedAt !== null ? "revoked" : isExpired ? "expired" : "active"} />;
}
