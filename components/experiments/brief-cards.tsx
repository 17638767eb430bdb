"use client";

import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { DetailList } from "@/components/ui/key-facts";
import { formatChange, formatNumber } from "@/lib/core/words/format";
import type { Experiment } from "@/lib/domain/experiments/api";
import { marginDigits, percentText, spokenOf } from "./experiment-look";
import { listArms } from "./results-model";

/** The plan in six lines beside the results. */
export function PlanBrief({ experiment, href, isDemo }: { experiment: Experiment; href: string; isDemo: boolean }) {
  const words = useWords();
  const text = words.experimentResults.plan;
  const { plan, metric } = experiment;
  const effect = plan.basis?.minimumDetectableEffect ?? (metric.practicalMargin > 0 ? metric.practicalMargin : null);
  const needed = Math.max(plan.minSubjectsPerArm, experiment.plannedSubjectsPerArm ?? 0);
  return (
    <Card>
      <CardHead title={text.title} />
      <CardBody>
        <DetailList
          items={[
            { label: text.hypothesis, value: experiment.hypothesis === "" ? words.experiments.noHypothesis : experiment.hypothesis },
            { label: text.unit, value: words.experiments.plan.unitValue },
            ...(effect === null ? [] : [{ label: text.effect, value: formatChange(effect, { digits: marginDigits(effect, 0) }) }]),
            { label: text.needed, value: text.neededValue({ count: formatNumber(needed) }) },
            {
              label: text.confidence,
              value: text.confidenceValue({
                confidence: percentText(1 - plan.alpha),
                mode: text.modes[plan.isAa ? "aa" : plan.mode],
              }),
            },
            { label: text.owner, value: experiment.createdBy },
          ]}
        />
      </CardBody>
      <CardFoot className="flex-wrap">
        {experiment.shortcuts.length > 0 && <span>{isDemo ? words.experiments.demo : words.experiments.plan.shortcuts}</span>}
        <TextLink href={href}>{text.all}</TextLink>
      </CardFoot>
    </Card>
  );
}

/** What follows from concluding with a treatment, before anybody does. */
export function ConcludeCard({ experiment }: { experiment: Experiment }) {
  const words = useWords();
  const { link, data } = useShell();
  const text = words.experimentResults.conclude;
  const [control, ...treatments] = listArms(experiment, words);
  const treatment = treatments.find(({ key }) => key === spokenOf(experiment));
  if (control === undefined || treatment === undefined) return null;
  return (
    <Card>
      <CardHead title={text.title({ group: treatment.name })} />
      <CardBody>
        <p className="text-ink-2">
          {text.text({ treatment: treatment.name, control: control.name })}{" "}
          <TextLink href={link(`/${data.project.slug}/endpoints/${experiment.endpoint.name}`)}>{experiment.endpoint.name}</TextLink>
        </p>
      </CardBody>
    </Card>
  );
}
