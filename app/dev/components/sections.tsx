import type { ReactNode } from "react";
import { BudgetBar } from "@/components/charts/budget-bar";
import { ChartFrame } from "@/components/charts/chart-frame";
import { DriftBar } from "@/components/charts/drift-bar";
import { HistogramOverlay } from "@/components/charts/histogram-overlay";
import { IntervalPlot } from "@/components/charts/interval-plot";
import { Card, CardBody, CardHead, Columns } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { NameTag } from "@/components/ui/name-tag";
import { SkeletonRows } from "@/components/ui/skeleton";
import { LegendItem, SplitBar, type SplitPart, SplitText } from "@/components/ui/split-bar";
import { StatTile } from "@/components/ui/stat-tile";
import { StateBadge, StateText } from "@/components/ui/state-badge";
import type { StateName } from "@/components/ui/state-look";
import { EmptyState, NoPermission } from "@/components/ui/states";
import { CursorPaging, FilterChips, TableFilter } from "@/components/ui/table-tools";
import { bins, categories, spark, sparkBase } from "./gallery-data";
import { HistoryGridCard } from "./history-part";
import { RetryError } from "./live-parts";

const groups: [string, StateName[]][] = [
  ["Version", ["draft", "candidate", "approved", "retired"]],
  ["Rollout", ["scheduled", "waiting", "rolling_out", "judging", "paused", "holding", "promoted", "aborted", "rolled_back"]],
  ["Gate", ["pass", "inconclusive", "no_data", "fail"]],
  ["Experiment", ["running", "deploy_treatment", "keep_control", "no_meaningful_difference", "keep_running", "cannot_tell"]],
  ["Drift", ["steady", "watch", "drift"]],
  ["Backend", ["healthy", "degraded", "away", "unknown"]],
  ["Request", ["complete", "failed", "cut", "blocked", "client_gone", "refused"]],
  ["Severity", ["critical", "high", "warning", "info"]],
];

export function StatesCard() {
  return (
    <Card>
      <CardHead title="States" sub="icon and word, never colour alone" />
      <CardBody>
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-2.5">
          {groups.map(([name, states]) => (
            <Row key={name} name={name}>
              {states.map((state) => (
                <StateBadge key={state} state={state} />
              ))}
            </Row>
          ))}
          <Row name="Text">
            <StateText state="pass" />
            <StateText state="drift" />
            <StateText state="watch" />
          </Row>
          <Row name="Names">
            <NameTag kind="alias">champion</NameTag>
            <NameTag kind="protected">production</NameTag>
            <NameTag kind="label">staging</NameTag>
            <NameTag kind="simulated" />
          </Row>
        </dl>
      </CardBody>
    </Card>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="flex flex-wrap gap-1.5">{children}</dd>
    </>
  );
}

export function FiguresCard() {
  return (
    <Card>
      <CardHead title="Figures" sub="value, unit, delta, baseline" />
      <CardBody className="flex flex-col gap-4">
        <div className="grid grid-cols-2 gap-3">
          <StatTile
            framed
            stat={{
              label: "First token p95",
              value: "412",
              unit: "ms",
              delta: { text: "−9.5\u00a0%", tone: "good" },
              baseline: "vs r41 455\u00a0ms",
              spark,
              sparkBase,
            }}
          />
          <StatTile
            framed
            stat={{
              label: "Helpfulness, judge",
              value: null,
              noData: "no data",
              why: "judge backend away for 6 min",
              spark: [...spark.slice(0, 26), ...spark.slice(26).map(() => null)],
            }}
          />
        </div>
        <BudgetBar spentRatio={0.66} forecastRatio={1.03} labels />
        <BudgetBar spentRatio={0.2} forecastRatio={null} />
        <DriftBar value={0.41} watch={0.1} limit={0.25} label="ip_distance_km: 0.41, limit 0.25" />
        <DriftBar value={0.06} watch={0.1} limit={0.25} label="hour_of_day: 0.06, limit 0.25" />
        <DriftBar value={null} watch={0.1} limit={0.25} label="coupon_used: no data, limit 0.25" />
      </CardBody>
    </Card>
  );
}

const endpoints: { name: string; kind: string; parts: SplitPart[]; perMinute: string; errors: string; state: StateName; text?: string }[] =
  [
    {
      name: "support-chat",
      kind: "Chat · vLLM",
      parts: [
        { name: "r41", share: 0.752, tone: "control" },
        { name: "r42", share: 0.248, tone: "treatment" },
      ],
      perMinute: "1,206",
      errors: "0.38",
      state: "rolling_out",
      text: "Rolling out, step 2 of 4",
    },
    {
      name: "reply-draft",
      kind: "Chat · vLLM",
      parts: [{ name: "r17", share: 1, tone: "control" }],
      perMinute: "520",
      errors: "0.29",
      state: "waiting",
    },
    {
      name: "ticket-triage",
      kind: "Classifier · Triton",
      parts: [
        { name: "r8", share: 0.9, tone: "control" },
        { name: "r9", share: 0.1, tone: "treatment" },
      ],
      perMinute: "4,100",
      errors: "0.02",
      state: "paused",
    },
  ];

export function TableCard() {
  return (
    <Card>
      <CardHead
        title="Endpoints"
        sub="last 24 h, production"
        right={
          <>
            <LegendItem tone="control">running release</LegendItem>
            <LegendItem tone="treatment">new release</LegendItem>
          </>
        }
      />
      <div className="flex flex-wrap items-center gap-2.5 px-4 pb-3">
        <TableFilter action="/dev/components" />
        <FilterChips
          label="State"
          chips={[
            { label: "Rolling out", href: "?state=rolling_out", count: 1 },
            { label: "Paused", href: "?", current: true },
          ]}
        />
      </div>
      <DataTable
        caption="Endpoints"
        phone="cards"
        rows={endpoints}
        rowKey={(row) => row.name}
        rowHref={(row) => `/dev/endpoints/${row.name}`}
        isSelected={(row) => row.name === "reply-draft"}
        sorted={{ column: "rpm", direction: "descending" }}
        columns={[
          {
            id: "name",
            head: "Endpoint",
            phone: "title",
            cell: (row) => (
              <>
                <span className="font-medium">{row.name}</span>
                <CellNote>{row.kind}</CellNote>
              </>
            ),
            total: "All 3",
          },
          {
            id: "split",
            head: "Live traffic split",
            width: "210px",
            phone: "wide",
            phoneLabel: "",
            cell: (row) => (
              <>
                <SplitBar parts={row.parts} />
                <SplitText parts={row.parts} />
              </>
            ),
            total: "",
          },
          { id: "rpm", head: "Requests /min", align: "right", sortHref: "?sort=rpm", cell: (row) => row.perMinute, total: "5,826" },
          { id: "errors", head: "Errors %", align: "right", cell: (row) => row.errors, total: "0.12" },
          { id: "state", head: "State", phone: "corner", cell: (row) => <StateBadge state={row.state}>{row.text}</StateBadge>, total: "" },
        ]}
      />
      <CursorPaging shown={3} pageSize={50} nextHref="?cursor=abc" firstHref="?" />
    </Card>
  );
}

export function ChartsCards() {
  return (
    <>
      <Columns>
        <ChartFrame
          title={<code>ip_distance_km</code>}
          badge={<StateBadge state="past_limit" />}
          sub="reference and last 24 h"
          unit="% of rows, by km"
          table={{
            name: "ip_distance_km",
            head: ["Range", "Reference", "Current"],
            rows: bins.map((bin) => [`${bin.from ?? "−∞"} … ${bin.to ?? "∞"}`, bin.reference, bin.current]),
          }}
          footnotes={["PSI 0.41, limit 0.25."]}
        >
          <HistogramOverlay name="ip_distance_km" bins={bins} />
        </ChartFrame>
        <ChartFrame
          title="merchant_category"
          unit="% of rows, current and difference"
          table={{
            name: "merchant_category",
            head: ["Category", "Reference", "Current"],
            rows: categories.map((bin) => [bin.name, bin.reference, bin.current]),
          }}
        >
          <HistogramOverlay name="merchant_category" categories={categories} />
        </ChartFrame>
      </Columns>
      <Card>
        <CardHead title="Intervals" sub="treatment against control, 95 % always-valid" />
        <CardBody className="grid gap-3 md:grid-cols-2">
          <IntervalPlot label="Accepted: +1.40 pp" estimate={1.4} low={0.51} high={2.29} unit="pp" primary />
          <IntervalPlot
            label="Cost: +5.1 %"
            estimate={5.1}
            low={3.4}
            high={6.8}
            limit={10}
            direction="max"
            unit="%"
            limitText="limit +10 %"
          />
          <IntervalPlot
            label="Errors: +0.01 pp"
            estimate={0.01}
            low={-0.08}
            high={0.1}
            limit={0.2}
            direction="max"
            unit="pp"
            limitText="limit +0.2 pp"
          />
          <IntervalPlot
            label="Relevance: +0.04"
            estimate={0.04}
            low={0}
            high={0.08}
            limit={-0.05}
            direction="min"
            limitText="limit −0.05"
          />
        </CardBody>
      </Card>
      <HistoryGridCard />
    </>
  );
}

export function TableStatesCard({ loading }: { loading: string }) {
  return (
    <Card>
      <CardHead title="Table states" sub="same frame, same height, so nothing jumps" />
      <CardBody>
        <Columns>
          <Framed name="Empty: teaches the next step">
            <EmptyState
              title="No rollouts yet"
              command="switchyard rollout create support-chat --to r42"
              action={{ label: "New rollout", href: "#" }}
              link={{ label: "How gates judge", href: "#main" }}
            >
              A rollout moves an endpoint from one release to the next, step by step. Open the first one here or from CI:
            </EmptyState>
          </Framed>
          <Framed name="Loading: shape first, after 300 ms">
            <SkeletonRows label={loading} />
          </Framed>
          <Framed name="Error: what, since when, what still works">
            <RetryError />
          </Framed>
          <Framed name="No permission: says who can">
            <NoPermission
              act="Moving production traffic"
              neededRole="approver"
              project="support-ai"
              people={["Sofia Lind", "Daniel Okafor"]}
            />
          </Framed>
        </Columns>
      </CardBody>
    </Card>
  );
}

function Framed({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="overflow-hidden rounded-[8px] border border-line">
      <p className="border-b border-line bg-sunken px-3.5 py-[7px] text-small font-medium text-ink-3">{name}</p>
      {children}
    </div>
  );
}
