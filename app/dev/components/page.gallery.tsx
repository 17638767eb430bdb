import { Printer } from "lucide-react";
import { connection } from "next/server";
import { GateTable } from "@/components/charts/gate-table";
import { TimeSeries } from "@/components/charts/time-series";
import { AppShell } from "@/components/shell/app-shell";
import { getRequestWords } from "@/components/shell/locale";
import { PageChrome } from "@/components/shell/shell-context";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead, Columns, MainAside } from "@/components/ui/card";
import { ChangeList } from "@/components/ui/change-list";
import { CodeBlock } from "@/components/ui/code-block";
import { CopyField } from "@/components/ui/copy-field";
import { DiffView } from "@/components/ui/diff-view";
import { StaleBar } from "@/components/ui/freshness";
import { DetailList, KeyFacts } from "@/components/ui/key-facts";
import { AttentionList, CheckList } from "@/components/ui/lists";
import { Note } from "@/components/ui/note";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RolloutStepper } from "@/components/ui/rollout-stepper";
import { LegendItem, SplitBar } from "@/components/ui/split-bar";
import { StatTiles } from "@/components/ui/stat-tile";
import { StateBadge } from "@/components/ui/state-badge";
import { SegmentLinks, TabLinks } from "@/components/ui/tab-links";
import { Timeline } from "@/components/ui/timeline";
import { Term } from "@/components/ui/tooltip";
import { Verdict } from "@/components/ui/verdict";
import { errorBands, errorSeries, gates, promptAfter, promptBefore, shell, spark, sparkBase, startMs, ttftSeries } from "./gallery-data";
import { ButtonsCard, FormCard, PaletteCard, PhoneBar, RollbackControls, ToastsCard } from "./live-parts";
import { ChartsCards, FiguresCard, StatesCard, TableCard, TableStatesCard } from "./sections";

/** Every state of every component. Exists in development only; see pageExtensions in next.config.ts. */
export default async function ComponentsPage({ searchParams }: { searchParams: Promise<{ dialog?: string; form?: string }> }) {
  await connection();
  const words = await getRequestWords();
  const { dialog } = await searchParams;
  const minute = 60_000;
  const nowMs = Date.now();
  return (
    <AppShell {...shell}>
      <PageChrome
        freshness={{ kind: "live", at: nowMs - 3000, staleAfterMs: 3_600_000 }}
        crumbs={[{ label: "support-ai", href: "/dev" }, { label: "Components" }]}
      />
      <Page>
        <PageHeader
          title="Components"
          badge={
            <StateBadge state="judging" size="lg">
              Judging step 2 of 4
            </StateBadge>
          }
          actions={
            <>
              <Button icon={<Printer aria-hidden />}>{words.actions.print}</Button>
              <ButtonLink variant="primary" href="#main">
                {words.rollouts.create}
              </ButtonLink>
            </>
          }
        >
          Every state that a page can be in, on the same tokens. <b>6 of 8 gates pass, 2 still collect samples.</b> 되돌리기는 항상 첫
          번째입니다.
        </PageHeader>
        <TabLinks
          label="Views"
          tabs={[
            { label: "Results", href: "?", current: true },
            { label: "Plan", href: "?tab=plan" },
            { label: "Notes", href: "?tab=notes", count: 3 },
          ]}
        />
        <Verdict
          tone="good"
          title="Deploy treatment: agents send 1.4 pp more summaries without edits."
          action={<Button>Open rollout with B</Button>}
        >
          61.8 % → 63.2 %, 95 % <Term name="alwaysValid">always-valid</Term> interval +0.5 to +2.3 pp. All 5 guardrails hold. It costs 5.1 %
          more per request, inside the limit of 10 %.
        </Verdict>
        <KeyFacts
          facts={[
            { label: "Where", value: "Production, reply-draft" },
            { label: "Live traffic", value: "520 /min", note: "749,000 a day" },
            { label: "Strategy", value: "Canary 10, 25, 50, 100 %" },
            { label: "Way back", value: "r17, about 5 s" },
            { label: "Content hash", value: <code>b7e1 90c4 … 2fd8</code> },
          ]}
        />
        <StatTiles
          label="Figures of the last 24 hours"
          stats={[
            { label: "Requests", value: "14,834", unit: "/min", delta: { text: "+6.2\u00a0%" }, baseline: "vs 13,968", spark, sparkBase },
            {
              label: "Errors",
              value: "0.10",
              unit: "%",
              delta: { text: "−0.02\u00a0pp", tone: "good" },
              baseline: "vs 0.12\u00a0%",
              spark: sparkBase,
              sparkBase: spark,
            },
            {
              label: "Latency p95, chat",
              value: "2.91",
              unit: "s",
              delta: { text: "+4.0\u00a0%", tone: "bad" },
              baseline: "vs 2.80\u00a0s",
              spark,
            },
            { label: "Spend", value: "$13,020", delta: { text: "+9.1\u00a0%", tone: "hold" }, baseline: "vs $11,930", spark },
            { label: "Helpfulness", value: null, noData: words.ui.noData, why: "judge backend away for 6 min" },
          ]}
        />
        <Card className="p-4">
          <div className="mb-2.5 flex flex-wrap items-center gap-x-3 gap-y-1.5">
            <h2 className="text-[14px]/5 font-semibold">Live traffic now</h2>
            <span className="text-small text-ink-3">1,206 requests /min, measured over 10 min at 6 of 6 gateways</span>
          </div>
          <SplitBar
            size="lg"
            parts={[
              { name: "r41", role: "running", share: 0.752, tone: "control" },
              { name: "r42", role: "new", share: 0.248, tone: "treatment" },
            ]}
          />
          <div className="mt-[7px] mb-[18px] flex flex-wrap justify-between gap-x-3 text-small text-ink-3">
            <span>llama-support v7 + support-answer v23</span>
            <span>llama-support v8 + support-answer v24, target 25.0 %, inside the sampling error of ± 0.8 pp</span>
          </div>
          <RolloutStepper
            steps={[
              {
                id: "a",
                title: "Approval",
                state: "done",
                lines: [
                  <span key="digest">
                    2 of 2, digest <code>9f3c…e1a7</code>
                  </span>,
                  "12:51",
                ],
              },
              { id: "b", title: "10 %", state: "done", lines: ["30 min, 8 of 8 gates passed", "13:00 to 13:30"] },
              {
                id: "c",
                title: "25 %",
                number: 2,
                state: "now",
                progress: 0.62,
                lines: ["since 13:30, judging since 14:00", "388 judge scores missing, ~39 min"],
              },
              { id: "d", title: "50 %", number: 3, state: "next", lines: ["30 min, same 8 gates", "earliest 15:11"] },
              { id: "e", title: "100 %", number: 4, state: "next", lines: ["then 24 h watch, r41 kept warm", "earliest 15:41"] },
            ]}
          />
        </Card>
        <MainAside
          aside={
            <>
              <RollbackControls startOpen={dialog === "rollback"} />
              <Card>
                <CardHead title={words.ui.timeline} />
                <CardBody>
                  <Timeline
                    label={words.ui.timeline}
                    events={[
                      { id: "1", tone: "active", title: "Judging step 2", at: nowMs - 30 * minute, detail: "30 min at 25 % reached" },
                      {
                        id: "2",
                        tone: "good",
                        title: "10 % → 25 %",
                        at: nowMs - 60 * minute,
                        actor: "Automatic",
                        detail: "8 of 8 gates passed",
                      },
                      {
                        id: "3",
                        tone: "hold",
                        title: "Resumed after 4 min",
                        at: nowMs - 80 * minute,
                        actor: "Minjun Park",
                        reason: "p95 spike was the 13:07 batch job, not r42",
                      },
                      {
                        id: "4",
                        tone: "bad",
                        title: "Rolled back",
                        at: nowMs - 2000 * minute,
                        actor: "Automatic",
                        detail: "Error ratio 2.31 % was past the limit of 1.00 % for two checks",
                      },
                      {
                        id: "5",
                        title: "Opened from CI",
                        at: nowMs - 2200 * minute,
                        detail: (
                          <>
                            Token ci-main, commit <code>4be19d0</code>
                          </>
                        ),
                      },
                    ]}
                  />
                </CardBody>
              </Card>
              <Card>
                <CardHead title="Plan" />
                <CardBody>
                  <DetailList
                    items={[
                      { label: "Strategy", value: "Canary 10, 25, 50, 100 %" },
                      { label: "Rolls back if", value: "any gate fails twice in a row" },
                      { label: "Deadline", value: "16:30 today, then rolls back" },
                    ]}
                  />
                </CardBody>
              </Card>
            </>
          }
        >
          <Card>
            <CardHead
              title="Gates of step 2"
              sub="judged every 30 s"
              right={
                <span className="flex gap-3 max-md:hidden">
                  <LegendItem tone="control">{words.ui.running({ name: "r41" })}</LegendItem>
                  <LegendItem tone="treatment">
                    {words.ui.fresh({ name: "r42" })}, {words.ui.interval95}
                  </LegendItem>
                </span>
              }
            />
            <GateTable gates={gates} newName="r42" runningName="r41" />
            <CardFoot>
              Too few samples is never a pass. If a gate is still short at 15:30, the rollout holds; at 16:30 it rolls back.
            </CardFoot>
          </Card>
          <Columns>
            <TimeSeries
              title="Error ratio since start"
              unit="% of requests, 5-minute mean"
              suffix="%"
              digits={2}
              series={errorSeries}
              limits={[{ value: 1, label: `${words.ui.limit} 1.00 %` }]}
              bands={errorBands}
              marks={[{ atMs: startMs + 32 * minute, label: "25 %" }]}
              syncId="rollout"
            />
            <TimeSeries
              title="First token p95 since start"
              unit="ms, p95 per minute"
              suffix="ms"
              digits={0}
              series={ttftSeries}
              limits={[{ value: 600, label: `${words.ui.limit} 600 ms` }]}
              fromZero={false}
              syncId="rollout"
              footnotes={["r42 answers first 43 ms sooner."]}
            />
          </Columns>
        </MainAside>
        <Columns>
          <Card>
            <CardHead title={words.overview.needsYou} sub={words.overview.needsYouSub} />
            <AttentionList
              label={words.overview.needsYou}
              items={[
                {
                  id: "1",
                  state: "drift",
                  title: "order-risk: 2 inputs drifted past the limit",
                  detail: "PSI 0.41, limit 0.25",
                  since: "since 09:10, 5 h 22 min",
                  action: { label: "Open drift report", href: "#main" },
                },
                {
                  id: "2",
                  state: "waiting",
                  title: "reply-draft r18 waits for your approval",
                  detail: "1 of 2 given",
                  since: "expires in 3 h 20 min",
                  action: { label: "Review release", href: "#main" },
                },
              ]}
            />
          </Card>
          <Card>
            <CardHead title="Can the numbers be trusted?" />
            <CardBody>
              <CheckList
                label="Trust checks"
                items={[
                  { id: "1", state: "pass", title: "Split as planned", detail: "χ² = 0.06, p = 0.80; alarm below 0.001" },
                  { id: "2", state: "watch", title: "One quiet day", detail: "15 Nov had 61 % of usual traffic", note: "1 of 9" },
                ]}
              />
            </CardBody>
          </Card>
        </Columns>
        <TableCard />
        <Columns>
          <ButtonsCard />
          <StatesCard />
          <FormCard />
          <div className="flex flex-col gap-(--gap-page)">
            <ToastsCard />
            <PaletteCard />
          </div>
          <FiguresCard />
          <Card>
            <CardHead
              title="Notes and code"
              right={
                <SegmentLinks
                  size="sm"
                  label="Range"
                  items={[
                    { label: "1 h", href: "?r=1" },
                    { label: "24 h", href: "?r=24", current: true },
                    { label: "7 d", href: "?r=7" },
                  ]}
                />
              }
            />
            <CardBody className="flex flex-col gap-2.5">
              <StaleBar at={nowMs - 24_000} retryInSeconds={5} />
              <Note tone="active" title="If you approve, the rollout starts at once:">
                10 % of subjects (about 52 requests /min) move to r18 within seconds.
              </Note>
              <Note>This project runs a demo policy: short steps, small minimums.</Note>
              <CopyField value="sha256:9f3c41d07b52c8e1a7" what="digest" />
              <CodeBlock
                label="Request"
                code={
                  'curl $GATEWAY/v1/chat/completions \\\n  -H "Authorization: Bearer $KEY" \\\n  -d \'{"model":"support-chat","messages":[{"role":"user","content":"안녕하세요"}]}\''
                }
              />
            </CardBody>
          </Card>
        </Columns>
        <ChartsCards />
        <Card>
          <CardHead title="Changes" sub="3 lines changed" />
          <DiffView
            beforeName="v23, in production"
            afterName="v24, this version"
            sections={[
              { title: "Message 1, system", before: promptBefore, after: promptAfter },
              {
                title: "Parameters",
                before: "temperature: 0.4\nmax_tokens: 700\ntop_p: 0.95",
                after: "temperature: 0.2\nmax_tokens: 400\ntop_p: 0.95",
                numbered: false,
              },
            ]}
          />
        </Card>
        <Card>
          <CardHead title="What changes" />
          <ChangeList
            changes={[
              {
                id: "m",
                label: "Model",
                was: "reply-writer v11",
                wasNote: "Qwen3-32B, bf16",
                willBe: "reply-writer v12",
                willBeNote: "Qwen3-32B, fp8",
              },
              { id: "t", label: "Temperature", was: "0.4", willBe: "0.2" },
              { id: "g", label: "Guardrails", was: "support-strict v6", willBe: null },
            ]}
          />
        </Card>
        <TableStatesCard loading={words.ui.loading} />
        <PhoneBar />
      </Page>
    </AppShell>
  );
}
