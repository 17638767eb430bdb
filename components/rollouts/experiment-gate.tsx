"use client";

import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { CardBody } from "@/components/ui/card";
import { CheckList } from "@/components/ui/lists";
import type { Rollout } from "@/lib/domain/rollouts/api";

const looks = { pass: "pass", fail: "fail", inconclusive: "inconclusive" } as const;

/** The experiment that the plan names, as it stands now; nothing where it names none. */
export function ExperimentGateRow({ rollout, project }: { rollout: Rollout; project: string }) {
  const words = useWords();
  const { link } = useShell();
  const text = words.rollouts.gates.experiment;
  const gate = rollout.experiment;
  if (gate === null) return null;
  const { experiment, verdict, reason, evidenceDigest } = gate;
  return (
    <CardBody className="border-t border-line">
      <CheckList
        label={text.title}
        items={[
          {
            id: "experiment",
            state: looks[verdict],
            title:
              experiment === null ? (
                text.title
              ) : (
                <TextLink href={link(`/${project}/experiments/${experiment.number}`)}>
                  {words.experiments.numbered({ number: experiment.number })}: {experiment.name}
                </TextLink>
              ),
            detail: text.reasons[reason],
            note: evidenceDigest === null ? undefined : text.evidence({ digest: evidenceDigest.slice(0, 12) }),
          },
        ]}
      />
    </CardBody>
  );
}
