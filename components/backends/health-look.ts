import type { StateName } from "@/components/ui/state-look";
import type { BackendNow } from "@/lib/domain/backend-health/api";

export const healthLook: Record<BackendNow["health"], StateName> = {
  healthy: "healthy",
  unhealthy: "away",
  mixed: "degraded",
  unknown: "unknown",
};

export const breakerLook = { closed: "healthy", half_open: "degraded", open: "away" } as const satisfies Record<string, StateName>;
