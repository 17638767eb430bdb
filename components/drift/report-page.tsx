"use client";

import { Waves } from "lucide-react";
import type { Scope } from "@/components/overview/scope";
import { PageChrome, useShell } from "@/components/shell/shell-context";
import { useTimeZone } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead, Columns } from "@/components/ui/card";
import { CopyField } from "@/components/ui/copy-field";
import { KeyFacts } from "@/components/ui/key-facts";
import { Page, PageHeader } from "@/components/ui/page-header";
import { StateBadge } from "@/components/ui/state-badge";
import { stateLook } from "@/components/ui/state-look";
import { Verdict } from "@/components/ui/verdict";
import { formatNumber } from "@/lib/core/words/format";
import { formatExact } from "@/lib/core/words/time";
import type { DriftContent, DriftReport } from "@/lib/domain/drift/api";
import { verdictCount, verdictLook } from "./drift-look";
import { FeatureCard } from "./feature-card";
import { FeatureTable } from "./feature-table";
import { ReportExport } from "./report-export";
import { reportBody, reportTitle } from "./report-text";
import { WindowText } from "./window-text";

const verdictTone = { stable: "good", shifted: "hold", drifted: "bad", too_few: "hold" } as const;

/** One report: what moved, how far, against which limits, with both distributions of every feature. It never changes. */
export function ReportPage({ scope, report, isDemo }: { scope: Scope; report: DriftReport; isDemo: boolean }) {
  const words = useWords();
  const locale = useLocale();
  const timeZone = useTimeZone();
  const { link, data } = useShell();
  const text = words.drift.report;
  const { content } = report;
  const base = `/${scope.project}/drift`;
  const monitorHref = link(`${base}/${content.monitor.id}`);
  return (
    <Page>
      <PageChrome
        crumbs={[
          { label: data.project.name, href: `/${scope.project}` },
          { label: words.drift.title, href: base },
          { label: content.monitor.name, href: `${base}/${content.monitor.id}` },
          { label: text.numbered({ number: report.number }) },
        ]}
      />
      <PageHeader
        title={text.title({ number: report.number, monitor: content.monitor.name })}
        badge={
          <StateBadge size="lg" state={verdictLook[content.verdict]}>
            {verdictCount(content.verdict, content.features, words)}
          </StateBadge>
        }
        actions={
          <>
            <ReportExport report={report} />
            <ButtonLink icon={<Waves aria-hidden />} href={monitorHref}>
              {text.toMonitor}
            </ButtonLink>
          </>
        }
      >
        {text.about({ endpoint: content.endpoint.name, at: formatExact(Date.parse(report.createdAt), { locale, timeZone }) })}
      </PageHeader>
      <Verdict tone={verdictTone[content.verdict]} icon={stateLook[verdictLook[content.verdict]].icon} title={reportTitle(content, words)}>
        {reportBody(content, words)}
      </Verdict>
      <Facts content={content} />
      <FeatureTable content={content} />
      <Columns>
        {content.features.map((feature) => (
          <FeatureCard key={feature.feature} feature={feature} content={content} />
        ))}
      </Columns>
      <Card>
        <CardHead title={text.digest} sub={text.digestAbout} />
        <CardBody>
          <CopyField value={report.digest} what={text.digest} />
        </CardBody>
        {isDemo && <CardFoot>{words.drift.demo}</CardFoot>}
      </Card>
    </Page>
  );
}

function Facts({ content }: { content: DriftContent }) {
  const words = useWords();
  const text = words.drift.facts;
  const { limits, filter } = content;
  const count = ({ matched, read }: DriftContent["reference"]) =>
    read === matched
      ? text.requests({ count: formatNumber(matched) })
      : text.sampled({ read: formatNumber(read), matched: formatNumber(matched) });
  const having = (verdict: string) => content.features.filter((each) => each.verdict === verdict).length;
  return (
    <KeyFacts
      facts={[
        {
          label: text.reference,
          value: <WindowText from={content.reference.from} to={content.reference.to} />,
          note: count(content.reference),
        },
        { label: text.current, value: <WindowText from={content.current.from} to={content.current.to} />, note: count(content.current) },
        {
          label: text.past,
          value: `${having("drifted")} / ${content.features.length}`,
          note: `${having("shifted")} ${text.watch}`,
        },
        {
          label: text.limits,
          value: text.psi({ warn: String(limits.psiWarn), drift: String(limits.psiDrift) }),
          note: text.ks({ alpha: String(limits.ksAlpha), distance: String(limits.ksMinDistance) }),
        },
        {
          label: text.filter,
          value: filter.outcomes === "all" ? text.all : text.complete,
          note: filter.release === null ? undefined : text.release({ release: words.endpoints.release({ number: filter.release }) }),
        },
      ]}
    />
  );
}
