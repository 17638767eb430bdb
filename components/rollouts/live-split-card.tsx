"use client";

import { describeRelease } from "@/components/endpoints/release-changes";
import { useNow, useTimeZone } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { RolloutStepper } from "@/components/ui/rollout-stepper";
import { SplitBar } from "@/components/ui/split-bar";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatPercent } from "@/lib/core/words/format";
import { formatClock } from "@/lib/core/words/time";
import type { Release } from "@/lib/domain/endpoints/api";
import type { Rollout } from "@/lib/domain/rollouts/api";
import { measuredShare, samplingError } from "./rollout-gates";
import { isOver, wantedSplit } from "./rollout-look";
import type { RolloutData } from "./rollout-page";
import { planSpan, toSteps } from "./rollout-steps";

type Props = {
  rollout: Rollout;
  releases: { from: Release; to: Release };
  perMinute: number | null;
  gateways: RolloutData["gateways"];
};

/** The split as measured since the step began, against what is wanted, and the steps it goes through. */
export function LiveSplitCard({ rollout, releases, perMinute, gateways }: Props) {
  const words = useWords();
  const locale = useLocale();
  const timeZone = useTimeZone();
  const nowMs = useNow((now) => Math.floor(now / 1000) * 1000);
  const hasShortSteps = rollout.plan.steps.some((step) => step.minSeconds < 120);
  const steps = toSteps(rollout, {
    nowMs,
    words,
    clock: (atMs) => formatClock(atMs, { timeZone, seconds: hasShortSteps }),
    span: (seconds) => planSpan(seconds, locale),
  });
  if (isOver(rollout.state))
    return (
      <Card>
        <CardHead title={words.ui.steps} />
        <CardBody>
          <RolloutStepper steps={steps} />
        </CardBody>
      </Card>
    );
  const measured = rollout.state === "judging" || rollout.state === "paused" ? measuredShare(rollout) : null;
  const wanted = wantedSplit(rollout, words);
  const parts =
    measured === null
      ? wanted
      : wanted.map((part) => ({ ...part, share: part.tone === "treatment" ? measured.share : 1 - measured.share }));
  return (
    <Card>
      <CardHead title={words.rollouts.live.title} sub={subOf({ words, perMinute, requests: measured?.requests ?? null, gateways })} />
      <CardBody className="flex flex-col gap-5">
        <div>
          <SplitBar parts={parts} size="lg" />
          <p className="mt-1.5 flex flex-wrap justify-between gap-x-6 gap-y-0.5 text-small text-ink-3">
            <span>{describeRelease(releases.from, words)}</span>
            <span>
              {describeRelease(releases.to, words)}, {targetText(rollout, measured, words)}
            </span>
          </p>
        </div>
        <RolloutStepper steps={steps} />
      </CardBody>
    </Card>
  );
}

type Sub = { words: Words; perMinute: number | null; requests: number | null; gateways: RolloutData["gateways"] };

function subOf({ words, perMinute, requests, gateways }: Sub): string {
  const text = words.rollouts.live;
  const live = gateways.items.filter((gateway) => gateway.state === "live");
  const parts = [];
  if (perMinute !== null) parts.push(text.perMinute({ count: formatNumber(perMinute) }));
  if (requests !== null) parts.push(text.measured({ count: requests === 1 ? 1 : formatNumber(requests) }));
  if (live.length > 0) parts.push(text.gateways({ serving: live.filter((gateway) => gateway.isCurrent).length, count: live.length }));
  return parts.join(", ");
}

function targetText(rollout: Rollout, measured: { share: number; requests: number } | null, words: Words): string {
  const text = words.rollouts.live;
  const share = rollout.weightBps / 10_000;
  const target = formatPercent(share);
  if (measured === null) return text.notMeasured({ target });
  const half = samplingError(share, measured.requests);
  const fill = { target, error: formatPercent(half).replace("%", "pp") };
  return Math.abs(measured.share - share) <= half ? text.inside(fill) : text.outside(fill);
}
