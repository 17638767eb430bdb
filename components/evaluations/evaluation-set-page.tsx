"use client";

import { useRouter } from "next/navigation";
import type { z } from "zod";
import { mayAct, type Scope } from "@/components/overview/scope";
import { MessageSections } from "@/components/prompts/messages-card";
import { PageChrome, useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button, TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { DetailList } from "@/components/ui/key-facts";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging } from "@/components/ui/table-tools";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { type EvaluationCase, type EvaluationSet, type listEvaluationCases, removeEvaluationCase } from "@/lib/domain/evaluations/api";

type Props = { scope: Scope; set: EvaluationSet; cases: z.output<(typeof listEvaluationCases)["returns"]>; cursor: string | undefined };

const pageSize = 50;

/** One set with its cases, newest first. */
export function EvaluationSetPage({ scope, set, cases, cursor }: Props) {
  const words = useWords();
  const { data, link } = useShell();
  const text = words.evaluations;
  const base = `/${scope.project}/evaluation-sets`;
  const here = `${base}/${set.name}`;
  return (
    <Page>
      <PageChrome
        crumbs={[{ label: data.project.name, href: `/${scope.project}` }, { label: text.title, href: base }, { label: set.name }]}
      />
      <PageHeader title={set.name}>
        {set.description !== "" && `${set.description} `}
        {text.count({ count: set.caseCount })}
      </PageHeader>
      {cases.items.length === 0 && (
        <Card>
          <EmptyState title={text.noCases} action={{ label: text.toPlayground, href: link(`/${scope.project}/playground`) }}>
            {text.emptyAbout}
          </EmptyState>
        </Card>
      )}
      {cases.items.map((each) => (
        <CaseCard key={each.id} scope={scope} item={each} />
      ))}
      {(cases.nextCursor !== null || cursor !== undefined) && (
        <CursorPaging
          shown={cases.items.length}
          pageSize={pageSize}
          nextHref={cases.nextCursor === null ? null : link(`${here}?cursor=${encodeURIComponent(cases.nextCursor)}`)}
          firstHref={cursor === undefined ? null : link(here)}
        />
      )}
    </Page>
  );
}

function CaseCard({ scope, item }: { scope: Scope; item: EvaluationCase }) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.evaluations;
  const head = text.caseColumns;
  const version = (number: number | null) => words.prompts.version({ number: number ?? 0 });
  const remove = async () => {
    const answer = await call(removeEvaluationCase, {
      project: scope.project,
      params: { name: item.set, number: item.number },
    });
    if (answer.ok) toast({ title: text.removed({ number: item.number }) });
    router.refresh();
  };
  const values = Object.entries(item.variables);
  return (
    <Card>
      <CardHead
        title={text.case({ number: item.number })}
        sub={<RelativeTime at={item.createdAt} />}
        right={
          mayAct(scope, "evaluation:write") && (
            <Button size="sm" variant="ghost" onClick={() => void remove()}>
              {text.remove}
            </Button>
          )
        }
      />
      <MessageSections messages={item.messages} />
      <CardBody className="flex flex-col gap-3 border-t border-line pt-3">
        <div>
          <h3 className="text-small font-medium text-ink-3">{head.expected}</h3>
          <p className="wrap-anywhere whitespace-pre-wrap">{item.expected ?? text.noExpected}</p>
        </div>
        <DetailList
          items={[
            ...(values.length === 0 ? [] : [{ label: text.values, value: values.map(([name, value]) => `${name} = ${value}`).join(", ") }]),
            ...(item.prompt === null
              ? []
              : [
                  {
                    label: words.requests.detail.facts.prompt,
                    value: (
                      <TextLink href={`/${scope.project}/prompts/${encodeURIComponent(item.prompt)}/${item.promptVersion}`}>
                        {item.prompt} {version(item.promptVersion)}
                      </TextLink>
                    ),
                  },
                ]),
            ...(item.model === null ? [] : [{ label: words.requests.detail.facts.model, value: `${item.model} @${item.modelVersion}` }]),
            ...(item.tags.length === 0 ? [] : [{ label: head.tags, value: item.tags.join(", ") }]),
            ...(item.note === "" ? [] : [{ label: words.playground.note, value: item.note }]),
            ...(item.requestId === null
              ? []
              : [
                  {
                    label: text.request,
                    value: (
                      <TextLink href={link(`/${scope.project}/requests?request=${item.requestId}`)}>{item.requestId.slice(0, 16)}</TextLink>
                    ),
                  },
                ]),
          ]}
        />
      </CardBody>
    </Card>
  );
}
