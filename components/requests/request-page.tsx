"use client";

import type { Scope } from "@/components/overview/scope";
import { PageChrome, useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead, Columns, MainAside } from "@/components/ui/card";
import { CopyField } from "@/components/ui/copy-field";
import { DetailList, KeyFacts } from "@/components/ui/key-facts";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { formatMillis, formatMoney, formatSpan } from "@/lib/core/words/format";
import type { RequestDetail } from "@/lib/domain/usage/api";
import { ContentCard } from "./content-card";
import { amountFacts, answerFacts, originFacts } from "./request-facts";
import { outcomeLook, tokensText } from "./request-look";
import { WaterfallTable } from "./waterfall-table";

type Props = { scope: Scope; request: RequestDetail };

/** All that the log says about one request, with every step of its way. It is over: nothing here moves. */
export function RequestPage({ scope, request }: Props) {
  const words = useWords();
  const locale = useLocale();
  const { link, data } = useShell();
  const text = words.requests.detail;
  const { project } = scope;
  const about = { words, project, link, span: (ms: number) => formatSpan(ms, locale) };
  return (
    <Page>
      <PageChrome
        crumbs={[
          { label: data.project.name, href: `/${project}` },
          { label: words.requests.title, href: link(`/${project}/requests`) },
          { label: `${request.id.slice(0, 16)}…` },
        ]}
      />
      <PageHeader
        title={request.endpoint ?? request.backend ?? words.requests.direct}
        badge={<StateBadge state={outcomeLook(request.outcome)} />}
        actions={<CopyField value={request.id} what={words.errors.request} />}
      >
        <RelativeTime at={request.at} /> · {request.api}
        {request.isFallback && ` · ${text.facts.servedVariant}: ${request.servedVariant}`}
      </PageHeader>
      <KeyFacts
        facts={[
          { label: words.requests.columns.total, value: formatMillis(request.totalMs) },
          { label: words.requests.columns.firstToken, value: formatMillis(request.ttftMs) },
          { label: words.requests.columns.tokens, value: tokensText(request) },
          { label: words.requests.columns.cost, value: request.costUsd === null ? words.requests.noPrice : formatMoney(request.costUsd) },
          { label: text.facts.cache, value: text.caches[request.cache] },
          { label: text.facts.attempts, value: request.attempts },
        ]}
      />
      <MainAside
        aside={
          <Card>
            <CardHead title={text.sections.origin} />
            <CardBody>
              <DetailList items={originFacts(request, about)} />
            </CardBody>
          </Card>
        }
      >
        <Card>
          <CardHead title={text.steps.title} sub={text.steps.about} />
          <CardBody>
            <WaterfallTable request={request} />
          </CardBody>
        </Card>
        <Columns>
          <Card>
            <CardHead title={text.sections.answer} />
            <CardBody>
              <DetailList items={answerFacts(request, about)} />
            </CardBody>
          </Card>
          <Card>
            <CardHead title={text.sections.amounts} />
            <CardBody>
              <DetailList items={amountFacts(request, about)} />
            </CardBody>
          </Card>
        </Columns>
        {request.source === "application" && <ContentCard key={request.id} scope={scope} requestId={request.id} />}
      </MainAside>
    </Page>
  );
}
