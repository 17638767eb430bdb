"use client";

import type { TrafficData } from "@/components/overview/traffic";
import { rolloutLook, rolloutStateText, wantedSplit } from "@/components/rollouts/rollout-look";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { describeSplit, SplitBar } from "@/components/ui/split-bar";
import { StateText } from "@/components/ui/state-badge";
import { formatNumber } from "@/lib/core/words/format";
import type { Endpoint } from "@/lib/domain/endpoints/api";
import type { RolloutSummary } from "@/lib/domain/rollouts/api";
import { measureSplit, toReleaseTones } from "./endpoint-split";

type Props = {
  endpoint: Endpoint;
  rollout: RolloutSummary | null;
  recent: TrafficData;
  perMinute: number | null;
  project: string;
};

const minutes = 10;

/** Who answers: measured over the last minutes, and what is wanted now. */
export function EndpointSplitCard({ endpoint, rollout, recent, perMinute, project }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.endpoints.live;
  const tones = toReleaseTones(recent, endpoint, rollout);
  const measured = measureSplit(recent, tones, { minutes, words });
  const wanted =
    rollout === null
      ? tones.filter((each) => each.tone === "control").map((each) => ({ name: words.endpoints.release(each), share: 1, tone: each.tone }))
      : wantedSplit(rollout, words);
  const count = measured.requests === 1 ? 1 : formatNumber(measured.requests);
  const sub = [
    ...(perMinute === null ? [] : [words.rollouts.live.perMinute({ count: formatNumber(perMinute) })]),
    measured.requests === 0 ? text.nothing : text.measured({ count, minutes }),
  ].join(", ");
  return (
    <Card>
      <CardHead
        title={text.title}
        sub={sub}
        right={
          rollout === null ? undefined : (
            <>
              <StateText state={rolloutLook(rollout.state)}>{rolloutStateText(rollout, words)}</StateText>
              <TextLink href={link(`/${project}/rollouts/${rollout.number}`)}>{words.overview.needs.open.rollout}</TextLink>
            </>
          )
        }
      />
      <CardBody>
        {wanted.length === 0 ? (
          <p className="text-ink-2">{text.notServing}</p>
        ) : (
          <>
            <SplitBar parts={measured.parts.length > 0 ? measured.parts : wanted} size="lg" />
            <p className="mt-1.5 text-small text-ink-3">{text.wanted({ split: describeSplit(wanted, 0) })}</p>
          </>
        )}
      </CardBody>
    </Card>
  );
}
