import type { StateRole } from "@/components/ui/state-look";
import type { TimelineEvent } from "@/components/ui/timeline";
import type { Words } from "@/lib/core/words";
import type { Rollout } from "@/lib/domain/rollouts/api";
import { shareText } from "./rollout-steps";

type Event = Rollout["events"][number];

const tones: Record<string, StateRole> = {
  judging: "active",
  paused: "hold",
  promoting: "good",
  promoted: "good",
  rolling_back: "bad",
  rolled_back: "bad",
  aborted: "idle",
};

const automatic = "rollout-controller";

/** Newest first; what people typed is quoted, what the controller found stands as it is. */
export function toTimeline(rollout: Rollout, words: Words): TimelineEvent[] {
  return rollout.events.map((event, index) => {
    const isAutomatic = event.actor === automatic;
    return {
      id: `${event.at} ${index}`,
      tone: event.kind === "resumed" ? "hold" : (tones[event.toState] ?? "idle"),
      title: titleOf(event, words),
      at: event.at,
      actor: isAutomatic ? words.rollouts.events.controller : event.actor,
      reason: isAutomatic || event.reason === "" ? undefined : event.reason,
      detail: isAutomatic && event.reason !== "" ? event.reason : undefined,
    };
  });
}

function titleOf(event: Event, words: Words): string {
  const text = words.rollouts.events;
  const share = shareText(event.weightBps);
  if (event.kind === "started") return text.started;
  if (event.kind === "resumed") return text.resumed({ share });
  switch (event.toState) {
    case "advancing":
      return text.asked({ share });
    case "judging":
      return text.judging({ share });
    case "paused":
      return text.paused({ share });
    case "promoting":
      return text.promoting;
    case "promoted":
      return text.promoted;
    case "rolling_back":
      return text.rolling_back;
    case "rolled_back":
      return text.rolled_back;
    case "aborted":
      return text.aborted;
    default:
      return event.toState;
  }
}
