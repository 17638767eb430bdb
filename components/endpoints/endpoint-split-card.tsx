"use client";

import type { TrafficData } from "@/components/overview/traffic";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { describeSplit, SplitBar } from "@/components/ui/split-bar";
import { StateText } from "@/components/ui/state-badge";
import { formatNumber } from "@/lib/core/words/format";
import type { Endpoint } from "@/lib/domain/endpoints/api";
import { measureSplit, toReleaseTones } from "./endpoint-split";
import type { Mover } from "./mover";

type Props = {
  endpoint: Endpoint;
  mover: Mover | null;
  recent: TrafficData;
  perMinute: number | null;
  project: string;
};

const minutes = 10;

/** Who answers: measured over the last minutes, and what is wanted now. */
export function EndpointSplitCard({ endpoint, mover, recent, perMinute, project }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.endpoints.live;
  const tones = toReleaseTones(recent, endpoint, mover);
  const measured = measureSplit(recent, tones, { minutes, words });
  // By release an experiment between two variants of one release looks like nothing: there the plan is shown.
  const hasOwnRelease = mover === null || mover.fresh.length > 0;
  const wanted =
    mover === null
      ? tones.filter((each) => each.tone === "control").map((each) => ({ name: words.endpoints.release(each), share: 1, tone: each.tone }))
      : mover.parts;
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
          mover === null ? undefined : (
            <>
              <StateText state={mover.state}>{mover.stateText}</StateText>
              <TextLink href={link(`/${project}${mover.path}`)}>{mover.openText}</TextLink>
            </>
          )
        }
      />
      <CardBody>
        {wanted.length === 0 ? (
          <p className="text-ink-2">{text.notServing}</p>
        ) : (
          <>
            <SplitBar parts={hasOwnRelease && measured.parts.length > 0 ? measured.parts : wanted} size="lg" />
            <p className="mt-1.5 text-small text-ink-3">{text.wanted({ split: describeSplit(wanted, 0) })}</p>
          </>
        )}
      </CardBody>
    </Card>
  );
}
