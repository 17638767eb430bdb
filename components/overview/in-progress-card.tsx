"use client";

import Link from "next/link";
import { ofExperiment } from "@/components/endpoints/mover";
import { rolloutLook, rolloutStateText, wantedSplit } from "@/components/rollouts/rollout-look";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CardList } from "@/components/ui/lists";
import { RelativeTime } from "@/components/ui/relative-time";
import { SplitBar, type SplitPart, SplitText } from "@/components/ui/split-bar";
import { StateText } from "@/components/ui/state-badge";
import type { StateName } from "@/components/ui/state-look";
import type { Words } from "@/lib/core/words";
import { formatNumber } from "@/lib/core/words/format";
import type { ExperimentSummary } from "@/lib/domain/experiments/api";
import type { RolloutSummary } from "@/lib/domain/rollouts/api";

type Props = { rollouts: readonly RolloutSummary[]; experiments: readonly ExperimentSummary[]; project: string };

type Row = {
  id: string;
  path: string;
  title: string;
  state: StateName;
  stateText: string;
  by: string;
  at: string;
  parts: readonly SplitPart[];
  note?: string;
};

/** The rollouts and experiments under way, each with its split. */
export function InProgressCard({ rollouts, experiments, project }: Props) {
  const words = useWords();
  const { link } = useShell();
  const rows = [
    ...rollouts.map((rollout) => fromRollout(rollout, words)),
    ...experiments.map((experiment) => fromExperiment(experiment, words)),
  ];
  return (
    <Card>
      <CardHead
        title={words.overview.inProgress}
        right={
          <>
            <TextLink href={link(`/${project}/rollouts`)}>{words.overview.allRollouts}</TextLink>
            <TextLink href={link(`/${project}/experiments`)}>{words.overview.allExperiments}</TextLink>
          </>
        }
      />
      {rows.length === 0 ? (
        <CardBody className="flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-2">
          {words.overview.noneInProgress}
          <TextLink href={link(`/${project}/rollouts?new=1`)}>{words.overview.noneInProgressLink}</TextLink>
        </CardBody>
      ) : (
        <CardList label={words.overview.inProgress}>
          {rows.map((row) => (
            <li key={row.id} className="relative hover:bg-hover">
              <p className="flex flex-wrap items-center justify-between gap-x-3">
                <Link
                  href={link(`/${project}${row.path}`)}
                  className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
                >
                  {row.title}
                </Link>
                <StateText state={row.state}>{row.stateText}</StateText>
              </p>
              <p className="mb-1.5 text-small text-ink-3">
                {row.by}, <RelativeTime at={row.at} />
                {row.note !== undefined && `. ${row.note}`}
              </p>
              <SplitBar parts={row.parts} digits={0} />
              <SplitText parts={row.parts} />
            </li>
          ))}
        </CardList>
      )}
    </Card>
  );
}

function fromRollout(rollout: RolloutSummary, words: Words): Row {
  const release = (number: number) => words.endpoints.release({ number });
  return {
    id: rollout.id,
    path: `/rollouts/${rollout.number}`,
    title: words.rollouts.move({ endpoint: rollout.endpoint.name, from: release(rollout.from.number), to: release(rollout.to.number) }),
    state: rolloutLook(rollout.state),
    stateText: rolloutStateText(rollout, words),
    by: rollout.createdBy,
    at: rollout.createdAt,
    parts: wantedSplit(rollout, words),
  };
}

function fromExperiment(experiment: ExperimentSummary, words: Words): Row {
  const { path, parts, stateText } = ofExperiment(experiment, words);
  const { subjects, minSubjectsPerArm } = experiment;
  return {
    id: experiment.id,
    path,
    title: words.experiments.inProgress({ endpoint: experiment.endpoint.name, name: experiment.name }),
    state: "running",
    stateText,
    by: experiment.createdBy,
    at: experiment.startedAt ?? experiment.createdAt,
    parts,
    note:
      subjects === null
        ? undefined
        : words.experiments.subjectsSoFar({
            counts: subjects.map(({ subjects: count }) => formatNumber(count)).join(" / "),
            min: formatNumber(minSubjectsPerArm),
          }),
  };
}
