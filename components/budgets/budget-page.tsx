"use client";

import { Archive, PencilLine } from "lucide-react";
import { useState } from "react";
import { BudgetBar } from "@/components/charts/budget-bar";
import { LiveBar } from "@/components/overview/live-bar";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card, CardBody, CardHead, Columns, MainAside } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { KeyFacts } from "@/components/ui/key-facts";
import { Note } from "@/components/ui/note";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { SegmentLinks } from "@/components/ui/tab-links";
import { Timeline } from "@/components/ui/timeline";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { useLive } from "@/lib/client/use-api";
import { dash, formatMoney } from "@/lib/core/words/format";
import { formatMonth } from "@/lib/core/words/time";
import { archiveBudget, type Budget, type BudgetSpend, getBudget, getBudgetSpend } from "@/lib/domain/budgets/api";
import { limitText, monthText, scopeText, thresholdText, toBar } from "./budget-look";
import { LeasesCard } from "./leases-card";
import { SpendCard } from "./spend-card";
import { SpendChart } from "./spend-chart";

type Props = {
  scope: Scope;
  initial: { budget: Budget; spend: BudgetSpend };
  /** An instant in the month shown; undefined for the present one. */
  at: string | undefined;
};

const everyMs = 5_000;
const monthsShown = 4;

/** One budget: its month, what it went to, who holds leases of it. */
export function BudgetPage({ scope, initial, at }: Props) {
  const words = useWords();
  const locale = useLocale();
  const { link } = useShell();
  const { project } = scope;
  const { id } = initial.budget;
  const budgetLook = useLive(getBudget, { project, params: { id } }, { initial: initial.budget, everyMs });
  const spendLook = useLive(getBudgetSpend, { project, params: { id }, query: { at } }, { initial: initial.spend, everyMs });
  const budget = budgetLook.data;
  const spend = spendLook.data;
  const text = words.budgets;
  const shown = { ...budget, window: spend.window };
  const monthOf = (instant: string) => formatMonth(Date.parse(instant), { locale, timeZone: budget.zone });
  const month = monthOf(spend.window.startsAt);
  const base = `/${project}/budgets/${id}`;
  const months = spend.months.slice(0, monthsShown).reverse();
  const unpriced = spend.byModel.reduce((sum, row) => sum + row.unpriced, 0);
  return (
    <Page>
      <LiveBar
        looks={[budgetLook, spendLook]}
        crumbs={[{ label: words.budgets.title, href: link(`/${project}/budgets`) }, { label: budget.name }]}
      />
      <PageHeader
        title={budget.name}
        badge={budget.archivedAt === null ? <StateBadge state={budget.state} size="lg" /> : undefined}
        actions={
          <>
            {months.length > 1 && (
              <SegmentLinks
                label={text.month}
                items={months.map((each) => ({
                  label: monthOf(each.startsAt),
                  href: link(`${base}?at=${each.startsAt}`),
                  current: each.startsAt === spend.window.startsAt,
                }))}
              />
            )}
            {budget.archivedAt === null && <BudgetActs scope={scope} budget={budget} />}
          </>
        }
      >
        {budget.archivedAt === null ? (
          monthText(shown, month, words)
        ) : (
          <>
            {text.archivedAt} <RelativeTime at={budget.archivedAt} />. {text.archivedAbout}
          </>
        )}
      </PageHeader>
      {budget.archivedAt === null && budget.state === "blocked" && (
        <Note tone="bad" title={text.blockedTitle}>
          {text.blockedAbout} {spend.refusedLastHour > 0 && text.refused({ count: spend.refusedLastHour })}
        </Note>
      )}
      {unpriced > 0 && (
        <Note tone="hold" title={text.unpricedTitle}>
          {text.unpriced({ count: unpriced })}
        </Note>
      )}
      <BudgetFacts budget={shown} />
      <MainAside
        aside={
          <>
            <Card>
              <CardHead title={month} sub={scopeText(budget, words)} />
              <CardBody>
                <BudgetBar {...toBar(shown)} labels />
              </CardBody>
            </Card>
            <CrossingsCard spend={spend} />
          </>
        }
      >
        <SpendChart budget={shown} spend={spend} month={month} />
      </MainAside>
      <Columns>
        <SpendCard
          title={text.byEndpoint}
          head={text.share.name}
          rows={spend.byEndpoint.map((row) =>
            row.endpoint === null
              ? { ...row, id: "", name: text.directCalls, href: undefined }
              : { ...row, id: row.endpoint, name: row.endpoint, href: link(`/${project}/endpoints/${row.endpoint}`) },
          )}
        />
        <SpendCard
          title={text.byModel}
          head={text.share.model}
          rows={spend.byModel.map((row) =>
            row.model === null
              ? { ...row, id: "none", name: text.noModel, href: undefined }
              : {
                  ...row,
                  id: `${row.model}@${row.version}`,
                  name: `${row.model} @${row.version}`,
                  href: `/${project}/models/${row.model}/${row.version}`,
                },
          )}
        />
      </Columns>
      <LeasesCard budget={budget} leases={spend.leases} />
    </Page>
  );
}

function BudgetFacts({ budget }: { budget: Budget }) {
  const words = useWords();
  const { window, action, whenUnknown } = budget;
  const { facts } = words.budgets;
  const isBlocking = action === "block";
  return (
    <KeyFacts
      facts={[
        {
          label: facts.spent,
          value: formatMoney(window.settledUsd),
          note: words.budgets.ofLimit({ limit: limitText(window.limitUsd) }),
        },
        ...(isBlocking ? [{ label: facts.held, value: formatMoney(window.heldUsd) }] : []),
        { label: facts.left, value: formatMoney(window.leftUsd) },
        { label: facts.forecast, value: window.forecastUsd === null ? dash : formatMoney(window.forecastUsd) },
        { label: facts.resets, value: <RelativeTime at={window.endsAt} /> },
        { label: facts.limit, value: words.budgets.actions[action] },
        ...(isBlocking ? [{ label: facts.unknown, value: words.budgets.unknown[whenUnknown] }] : []),
      ]}
    />
  );
}

function CrossingsCard({ spend }: { spend: BudgetSpend }) {
  const words = useWords();
  const text = words.budgets;
  const { crossings } = spend.window;
  return (
    <Card>
      <CardHead title={text.crossings} />
      <CardBody className={crossings.length === 0 ? "text-ink-2" : undefined}>
        {crossings.length === 0 ? (
          text.crossingsNone
        ) : (
          <Timeline
            label={text.crossings}
            events={[...crossings].reverse().map((each) => ({
              id: String(each.thresholdBps),
              tone: each.thresholdBps >= 10_000 ? "bad" : "hold",
              title: text.crossing({ ratio: thresholdText(each.thresholdBps) }),
              at: each.at,
              detail: text.crossingDetail({ spent: formatMoney(each.settledUsd), limit: limitText(each.limitUsd) }),
            }))}
          />
        )}
      </CardBody>
    </Card>
  );
}

function BudgetActs({ scope, budget }: { scope: Scope; budget: Budget }) {
  const words = useWords();
  const toast = useToast();
  const { link } = useShell();
  const [isLeaving, setLeaving] = useState(false);
  const may = mayAct(scope, "budget:write");
  const why = may ? undefined : words.rollouts.controls.needsRole({ role: words.nouns.roles[neededRole("budget:write")] });
  const { name, id } = budget;
  return (
    <>
      <Button icon={<Archive aria-hidden />} disabled={!may} title={why} onClick={() => setLeaving(true)}>
        {words.budgets.archive}
      </Button>
      <ButtonLink variant="primary" icon={<PencilLine aria-hidden />} href={link(`/${scope.project}/budgets/${id}?edit=1`)}>
        {words.budgets.edit}
      </ButtonLink>
      <ConfirmDialog
        open={isLeaving}
        onOpenChange={setLeaving}
        title={words.budgets.archiveTitle({ name })}
        effect={words.budgets.archiveEffect}
        confirmLabel={words.budgets.archive}
        busyLabel={words.budgets.archiving}
        danger
        onConfirm={async () => {
          const answer = await call(archiveBudget, { project: scope.project, params: { id } });
          if (answer.ok) toast({ title: words.budgets.archivedToast({ name }) });
          return answer;
        }}
      />
    </>
  );
}
