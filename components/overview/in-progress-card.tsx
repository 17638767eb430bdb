"use client";

import Link from "next/link";
import { rolloutLook, rolloutStateText, wantedSplit } from "@/components/rollouts/rollout-look";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CardList } from "@/components/ui/lists";
import { RelativeTime } from "@/components/ui/relative-time";
import { SplitBar, SplitText } from "@/components/ui/split-bar";
import { StateText } from "@/components/ui/state-badge";
import type { RolloutSummary } from "@/lib/domain/rollouts/api";

/** The rollouts under way, each with its split. */
export function InProgressCard({ rollouts, project }: { rollouts: readonly RolloutSummary[]; project: string }) {
  const words = useWords();
  const { link } = useShell();
  return (
    <Card>
      <CardHead
        title={words.overview.inProgress}
        right={<TextLink href={link(`/${project}/rollouts`)}>{words.overview.allRollouts}</TextLink>}
      />
      {rollouts.length === 0 ? (
        <CardBody className="flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-2">
          {words.overview.noneInProgress}
          <TextLink href={link(`/${project}/rollouts?new=1`)}>{words.overview.noneInProgressLink}</TextLink>
        </CardBody>
      ) : (
        <CardList label={words.overview.inProgress}>
          {rollouts.map((rollout) => (
            <li key={rollout.id} className="relative hover:bg-hover">
              <p className="flex flex-wrap items-center justify-between gap-x-3">
                <Link
                  href={link(`/${project}/rollouts/${rollout.number}`)}
                  className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
                >
                  {words.rollouts.move({
                    endpoint: rollout.endpoint.name,
                    from: words.endpoints.release({ number: rollout.from.number }),
                    to: words.endpoints.release({ number: rollout.to.number }),
                  })}
                </Link>
                <StateText state={rolloutLook(rollout.state)}>{rolloutStateText(rollout, words)}</StateText>
              </p>
              <p className="mb-1.5 text-small text-ink-3">
                {rollout.createdBy}, <RelativeTime at={rollout.createdAt} />
              </p>
              <SplitBar parts={wantedSplit(rollout, words)} digits={0} />
              <SplitText parts={wantedSplit(rollout, words)} />
            </li>
          ))}
        </CardList>
      )}
    </Card>
  );
}
