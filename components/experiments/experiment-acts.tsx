"use client";

import type { Scope } from "@/components/overview/scope";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import type { Experiment } from "@/lib/domain/experiments/api";
import { actsOf, icons, useExperimentAct, whyNot } from "./experiment-controls";

/** What can be done with an experiment that has begun, in the page's head; on a phone the bar at the thumb has it. */
export function ExperimentActs({ experiment, scope }: { experiment: Experiment; scope: Scope }) {
  const words = useWords();
  const { setAct } = useExperimentAct();
  return actsOf(experiment).map((act) => {
    const reason = whyNot(act, { experiment, scope, words });
    return (
      <Button
        key={act}
        className="max-md:hidden"
        variant={act === "conclude" ? "primary" : "outline"}
        icon={icons[act]}
        disabled={reason !== null}
        title={reason ?? undefined}
        onClick={() => setAct(act)}
      >
        {words.experiments.controls[act].label}
      </Button>
    );
  });
}
