import { wantedSplit } from "@/components/rollouts/rollout-look";
import type { AttentionItem } from "@/components/ui/lists";
import type { Words } from "@/lib/core/words";
import { formatMoney, formatNumber, formatPercent } from "@/lib/core/words/format";
import type { ApprovalSummary } from "@/lib/domain/approvals/api";
import type { Budget } from "@/lib/domain/budgets/api";
import type { Endpoint } from "@/lib/domain/endpoints/api";
import type { GatewayState } from "@/lib/domain/gateways/api";
import type { RolloutSummary } from "@/lib/domain/rollouts/api";

/** An item without its time: `at` is when it began or ends; `ends` says which. */
export type Need = Omit<AttentionItem, "since"> & { readonly at: string | null; readonly ends: boolean };

interface Sources {
  readonly gateways: readonly GatewayState[];
  readonly active: readonly RolloutSummary[];
  readonly recent: readonly RolloutSummary[];
  readonly endpoints: readonly Endpoint[];
  readonly budgets: readonly Budget[];
  /** Those that wait for this person. */
  readonly approvals: readonly ApprovalSummary[];
  readonly unpriced: number;
  readonly nowMs: number;
  readonly words: Words;
  readonly link: (path: string) => string;
}

const dayMs = 86_400_000;

/** What waits for a person, by harm: traffic hurt, a deadline, stopped work, a coming limit. Only what is really there. */
export function listNeeds(sources: Sources): Need[] {
  return [
    ...gatewayNeeds(sources),
    ...rolloutNeeds(sources),
    ...approvalNeeds(sources),
    ...endpointNeeds(sources),
    ...budgetNeeds(sources),
    ...priceNeeds(sources),
  ];
}

function gatewayNeeds({ gateways, words, link, nowMs }: Sources): Need[] {
  const text = words.overview.needs;
  const action = { label: text.open.gateways, href: link("#gateways") };
  const heardAt = (gateway: GatewayState) => new Date(nowMs - gateway.heardSecondsAgo * 1000).toISOString();
  if (gateways.length > 0 && gateways.every((gateway) => gateway.state !== "live"))
    return [{ id: "no-gateway", state: "critical", title: text.noGateway, detail: text.noGatewayDetail, action, at: null, ends: false }];
  return gateways.flatMap((gateway): Need[] => {
    const base = { id: `gateway-${gateway.id}`, action, at: heardAt(gateway), ends: false };
    const name = { gateway: gateway.id };
    if (gateway.state === "silent")
      return [{ ...base, state: "unknown", title: text.gatewaySilent(name), detail: text.gatewaySilentDetail }];
    if (gateway.state === "gone" && gateway.heardSecondsAgo * 1000 < dayMs)
      return [{ ...base, state: "away", title: text.gatewayGone(name), detail: text.gatewayGoneDetail }];
    if (gateway.state === "live" && gateway.snapshotAlarm !== null)
      return [{ ...base, state: "high", title: text.gatewayRefuses(name), detail: gateway.snapshotAlarm, at: null }];
    return [];
  });
}

function rolloutNeeds({ active, recent, words, link, nowMs }: Sources): Need[] {
  const text = words.overview.needs;
  const moving = active.flatMap((rollout): (Need & { rank: number })[] => {
    const about = { endpoint: rollout.endpoint.name, number: rollout.number };
    const [, fresh] = wantedSplit(rollout, words);
    const share = { share: formatPercent(fresh?.share, { digits: 0 }), release: fresh?.name ?? "" };
    const base = {
      id: `rollout-${rollout.id}`,
      action: { label: text.open.rollout, href: link(`/rollouts/${rollout.number}`) },
      at: rollout.deadlineAt,
      ends: true,
    };
    if (rollout.state === "paused")
      return [{ ...base, rank: 1, state: "paused", title: text.rolloutPaused(about), detail: text.rolloutPausedDetail(share) }];
    if (rollout.state !== "judging" || rollout.verdict === null || rollout.verdict === "pass") return [];
    if (rollout.verdict === "fail")
      return [{ ...base, rank: 0, state: "past_limit", title: text.rolloutFails(about), detail: text.rolloutFailsDetail(share) }];
    // A step that has run for a while and still lacks samples will not pass by waiting.
    const isSlow = rollout.stepStartedAt !== null && isPastHalf(rollout.stepStartedAt, rollout.deadlineAt, nowMs);
    return isSlow ? [{ ...base, rank: 2, state: "holding", title: text.rolloutShort(about), detail: text.rolloutShortDetail(share) }] : [];
  });
  const turned = recent.filter(
    (rollout) => rollout.state === "rolled_back" && rollout.endedAt !== null && nowMs - Date.parse(rollout.endedAt) < dayMs,
  );
  return [
    ...moving.sort((a, b) => a.rank - b.rank).map(({ rank: _, ...need }) => need),
    ...turned.map(
      (rollout): Need => ({
        id: `rollout-${rollout.id}`,
        state: "rolled_back",
        title: text.rolledBack({ endpoint: rollout.endpoint.name, release: words.endpoints.release({ number: rollout.to.number }) }),
        detail: rollout.endReason ?? words.rollouts.outcome.noReason,
        action: { label: text.open.rollout, href: link(`/rollouts/${rollout.number}`) },
        at: rollout.endedAt,
        ends: false,
      }),
    ),
  ];
}

function approvalNeeds({ approvals, words, link }: Sources): Need[] {
  const text = words.approvals.need;
  return approvals.map((approval) => ({
    id: `approval-${approval.id}`,
    state: "waiting_for_you" as const,
    title: approval.state === "pending" ? text.title({ title: approval.title }) : approval.title,
    detail: approval.breakGlass === null ? text.detail({ name: approval.requestedBy }) : words.approvals.glass.toReview,
    action: { label: text.open, href: link(`/approvals/${approval.number}`) },
    at: approval.endedAt ?? approval.expiresAt,
    ends: approval.endedAt === null,
  }));
}

function isPastHalf(startedAt: string, deadlineAt: string | null, nowMs: number): boolean {
  if (deadlineAt === null) return false;
  const start = Date.parse(startedAt);
  return nowMs - start > (Date.parse(deadlineAt) - start) / 2;
}

function endpointNeeds({ endpoints, words, link }: Sources): Need[] {
  const text = words.overview.needs;
  return endpoints
    .filter((endpoint) => endpoint.activeRelease === null)
    .map((endpoint) => ({
      id: `endpoint-${endpoint.id}`,
      state: "draft" as const,
      title: text.notServing({ endpoint: endpoint.name }),
      detail: text.notServingDetail({ count: endpoint.releaseCount }),
      action: { label: text.open.endpoint, href: link(`/endpoints/${endpoint.name}`) },
      at: endpoint.createdAt,
      ends: false,
    }));
}

function budgetNeeds({ budgets, words, link }: Sources): Need[] {
  const text = words.overview.needs;
  return budgets.flatMap((budget): Need[] => {
    if (budget.state !== "blocked" && budget.state !== "past_limit") return [];
    const spent = { spent: formatMoney(budget.window.settledUsd), limit: formatMoney(budget.window.limitUsd) };
    return [
      {
        id: `budget-${budget.id}`,
        state: budget.state,
        title: text.budgetUsed({ name: budget.name }),
        detail: budget.state === "blocked" ? text.budgetBlocks(spent) : text.budgetNotifies(spent),
        action: { label: text.open.budget, href: link(`/budgets/${budget.id}`) },
        at: budget.window.endsAt,
        ends: true,
      },
    ];
  });
}

function priceNeeds({ unpriced, words, link }: Sources): Need[] {
  const text = words.overview.needs;
  if (unpriced === 0) return [];
  return [
    {
      id: "unpriced",
      state: "warning",
      title: text.unpriced({ count: unpriced === 1 ? 1 : formatNumber(unpriced) }),
      detail: text.unpricedDetail,
      action: { label: text.open.requests, href: link("/requests") },
      at: null,
      ends: false,
    },
  ];
}
