import type { StateName } from "@/components/ui/state-look";
import type { GatewayState } from "@/lib/domain/gateways/api";

type Look = { state: StateName; key: "live" | "silent" | "gone" | "behind" };

/** What is known of a gateway, worst first: one that does not report may serve anything. */
export function gatewayLook(gateway: Pick<GatewayState, "state" | "isCurrent">): Look {
  if (gateway.state === "gone") return { state: "away", key: "gone" };
  if (gateway.state === "silent") return { state: "unknown", key: "silent" };
  return gateway.isCurrent ? { state: "live", key: "live" } : { state: "stale", key: "behind" };
}

export type Convergence = "none" | "refused" | "behind" | "agree";

/** Whether what was saved holds everywhere. A gateway that is gone answers nobody; one that is silent is not known to have it. */
export function judgeConvergence(gateways: readonly Pick<GatewayState, "state" | "isCurrent" | "snapshotAlarm">[]): {
  verdict: Convergence;
  live: number;
  behind: number;
  refusing: number;
} {
  const live = gateways.filter((gateway) => gateway.state === "live");
  const behind = live.filter((gateway) => !gateway.isCurrent).length;
  const refusing = live.filter((gateway) => gateway.snapshotAlarm !== null).length;
  const verdict = live.length === 0 ? "none" : refusing > 0 ? "refused" : behind > 0 ? "behind" : "agree";
  return { verdict, live: live.length, behind, refusing };
}
