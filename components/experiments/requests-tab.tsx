"use client";

import { requestColumns } from "@/components/requests/request-columns";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardHead } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { LegendItem } from "@/components/ui/split-bar";
import { EmptyState } from "@/components/ui/states";
import { useLive } from "@/lib/client/use-api";
import type { Experiment } from "@/lib/domain/experiments/api";
import { listRequests } from "@/lib/domain/usage/api";
import { type ArmRequests, REQUESTS_SHOWN } from "./requests-shown";
import { type ArmView, listArms } from "./results-model";

type Props = { experiment: Experiment; project: string; initial: ArmRequests };

/** The newest requests of each arm, as they were assigned. */
export function RequestsTab({ experiment, project, initial }: Props) {
  const words = useWords();
  return listArms(experiment, words).map((arm) => (
    <ArmRequestsCard key={arm.key} experiment={experiment} project={project} arm={arm} initial={initial[arm.key]} />
  ));
}

type CardProps = Omit<Props, "initial"> & { arm: ArmView; initial: ArmRequests[string] | undefined };

function ArmRequestsCard({ experiment, project, arm, initial }: CardProps) {
  const words = useWords();
  const { link } = useShell();
  const text = words.experimentResults.requests;
  const { environment } = experiment.endpoint;
  const filters = { experiment: experiment.number, arm: arm.key };
  const look = useLive(
    listRequests,
    { project, query: { environment, ...filters, limit: REQUESTS_SHOWN } },
    { initial: initial ?? { items: [], nextCursor: null }, everyMs: experiment.state === "running" ? 5_000 : 3_600_000 },
  );
  const log = `/${project}/requests?experiment=${experiment.number}&arm=${arm.key}`;
  const title = words.experiments.group({ group: arm.group, arm: arm.name });
  return (
    <Card>
      <CardHead
        title={<LegendItem tone={arm.tone}>{title}</LegendItem>}
        sub={text.about}
        right={<TextLink href={link(log)}>{text.open}</TextLink>}
      />
      <DataTable
        caption={title}
        compact
        isFlowing
        rows={look.data.items}
        rowKey={(request) => request.id}
        rowHref={(request) => link(`${log}&request=${request.id}`)}
        columns={requestColumns(words, false)}
        instead={look.data.items.length > 0 ? undefined : <EmptyState title={text.none}>{text.noneDetail}</EmptyState>}
      />
    </Card>
  );
}
