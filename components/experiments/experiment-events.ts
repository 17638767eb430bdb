import type { StateRole } from "@/components/ui/state-look";
import type { TimelineEvent } from "@/components/ui/timeline";
import type { Words } from "@/lib/core/words";
import type { Experiment } from "@/lib/domain/experiments/api";

type Event = Experiment["events"][number];

const tones: Record<Event["kind"], StateRole> = {
  created: "idle",
  changed: "idle",
  started: "active",
  extended: "active",
  planned_analysis: "good",
  superseded: "hold",
  stopped: "hold",
  concluded: "good",
};

/** The controller's name in the record of what happened. */
const automatic = "experiment-controller";

/** Newest first; what people typed is quoted. */
export function toTimeline(experiment: Experiment, words: Words): TimelineEvent[] {
  const text = words.experiments.events;
  return experiment.events.map((event, index) => {
    const isAutomatic = event.actor === automatic;
    const { decision } = experiment;
    const title =
      event.kind === "concluded"
        ? decision === null
          ? text.concludedOnly
          : text.concluded({ decision: words.experiments.decisions[decision] })
        : event.kind === "stopped" && isAutomatic
          ? text.deadline
          : text[event.kind];
    return {
      id: `${event.at} ${index}`,
      tone: tones[event.kind],
      title,
      at: event.at,
      actor: isAutomatic ? text.automatic : event.actor,
      reason: isAutomatic || event.reason === "" ? undefined : event.reason,
    };
  });
}
