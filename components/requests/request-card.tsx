"use client";

import { X } from "lucide-react";
import Link from "next/link";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CopyField } from "@/components/ui/copy-field";
import { DetailList } from "@/components/ui/key-facts";
import { NameTag } from "@/components/ui/name-tag";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import type { Words } from "@/lib/core/words";
import { formatMillis, formatMoney, formatNumber, formatSpan } from "@/lib/core/words/format";
import type { RequestDetail } from "@/lib/domain/usage/api";
import { hasTokens, outcomeLook, tokensText } from "./request-look";
import { WaterfallBar } from "./waterfall-bar";

type Props = { project: string; request: RequestDetail; closeHref: string };

/** Everything that the log says about one request. */
export function RequestCard({ project, request, closeHref }: Props) {
  const words = useWords();
  const locale = useLocale();
  const { link } = useShell();
  const text = words.requests.detail;
  return (
    <Card>
      <CardHead
        title={text.title}
        sub={<RelativeTime at={request.at} />}
        right={
          <>
            <StateBadge state={outcomeLook(request.outcome)} />
            <Link
              href={closeHref}
              scroll={false}
              aria-label={text.close}
              title={text.close}
              className="grid size-[30px] place-items-center rounded-control text-ink-3 hover:bg-hover hover:text-ink max-md:size-11"
            >
              <X className="size-4" aria-hidden />
            </Link>
          </>
        }
      />
      <CardBody className="flex flex-col gap-4">
        <CopyField value={request.id} what={words.errors.request} />
        <WaterfallBar request={request} />
        <DetailList items={toFacts(request, { words, project, link, span: (ms) => formatSpan(ms, locale) })} />
      </CardBody>
    </Card>
  );
}

type About = { words: Words; project: string; link: (href: string) => string; span: (ms: number) => string };
type Item = { label: string; value: React.ReactNode };

function toFacts(request: RequestDetail, about: About): Item[] {
  return [...answerFacts(request, about), ...amountFacts(request, about), ...originFacts(request, about)];
}

/** What was assigned, and what answered. */
function answerFacts(request: RequestDetail, { words, project, link }: About): Item[] {
  const { facts } = words.requests.detail;
  const release = (number: number) => words.endpoints.release({ number });
  const version = (name: string, number: number) => words.endpoints.version({ name, number });
  return [
    { label: facts.status, value: request.status },
    ...(request.errorCode === null ? [] : [{ label: facts.error, value: <code>{request.errorCode}</code> }]),
    ...(request.release === null || request.endpoint === null
      ? []
      : [
          {
            label: facts.release,
            value: (
              <TextLink href={link(`/${project}/endpoints/${request.endpoint}/releases/${request.release}`)}>
                {request.endpoint} {release(request.release)}
              </TextLink>
            ),
          },
        ]),
    ...(request.servedRelease === null || request.servedRelease === request.release
      ? []
      : [{ label: facts.servedRelease, value: release(request.servedRelease) }]),
    ...(request.variant === null ? [] : [{ label: facts.variant, value: request.variant }]),
    ...(request.model === null || request.modelVersion === null
      ? []
      : [
          {
            label: facts.model,
            value: (
              <TextLink href={`/${project}/models/${request.model}/${request.modelVersion}`}>
                {version(request.model, request.modelVersion)}
              </TextLink>
            ),
          },
        ]),
    ...(request.prompt === null || request.promptVersion === null
      ? []
      : [
          {
            label: facts.prompt,
            value: (
              <TextLink href={`/${project}/prompts/${encodeURIComponent(request.prompt)}/${request.promptVersion}`}>
                {version(request.prompt, request.promptVersion)}
              </TextLink>
            ),
          },
        ]),
    ...(request.backend === null
      ? []
      : [
          {
            label: facts.backend,
            value: (
              <span className="inline-flex flex-wrap items-center gap-1.5">
                <TextLink href={link(`/${project}/backends/${request.backend}`)}>{request.backend}</TextLink>
                {request.isSimulated && <NameTag kind="simulated" />}
              </span>
            ),
          },
        ]),
    ...(request.rolloutId === null
      ? []
      : [
          {
            label: facts.rollout,
            value: <TextLink href={link(`/${project}/rollouts/${request.rolloutId}`)}>{words.overview.needs.open.rollout}</TextLink>,
          },
        ]),
    ...(request.arm === null ? [] : [{ label: facts.arm, value: request.arm }]),
  ];
}

/** Tokens, cost, cache. */
function amountFacts(request: RequestDetail, { words }: About): Item[] {
  const text = words.requests.detail;
  const { facts } = text;
  return [
    { label: facts.tokens, value: `${tokensText(request)}${request.tokensEstimated ? `, ${words.requests.estimated}` : ""}` },
    ...(request.cachedTokens === 0 ? [] : [{ label: facts.cached, value: formatNumber(request.cachedTokens) }]),
    ...(request.tpotMs === null ? [] : [{ label: facts.perToken, value: formatMillis(request.tpotMs) }]),
    ...(hasTokens(request)
      ? [{ label: facts.chars, value: `${formatNumber(request.promptChars)} / ${formatNumber(request.answerChars)}` }]
      : []),
    { label: facts.cost, value: request.costUsd === null ? words.requests.noPrice : formatMoney(request.costUsd) },
    { label: facts.cache, value: text.caches[request.cache] },
    { label: facts.streamed, value: request.streamed ? text.yes : text.no },
    { label: facts.attempts, value: request.attempts },
  ];
}

/** Who asked, and through what. */
function originFacts(request: RequestDetail, { words, span }: About): Item[] {
  const text = words.requests.detail;
  const { facts } = text;
  return [
    ...(request.key === null ? [] : [{ label: facts.key, value: request.key }]),
    ...(request.team === null ? [] : [{ label: facts.team, value: request.team }]),
    ...(request.subjectHash === null
      ? []
      : [
          {
            label: facts.subject,
            value: (
              <>
                <code title={request.subjectHash}>{request.subjectHash.slice(0, 16)}</code>
                <span className="block text-small text-ink-3">{text.facts.subjectHint}</span>
              </>
            ),
          },
        ]),
    ...(request.clientRequestId === null ? [] : [{ label: facts.client, value: <code>{request.clientRequestId}</code> }]),
    { label: facts.source, value: text.sources[request.source] },
    { label: facts.api, value: request.api },
    { label: facts.gateway, value: request.gatewayId },
    { label: facts.generation, value: formatNumber(request.generation) },
    { label: facts.counted, value: text.after({ ms: span(Date.parse(request.ingestedAt) - Date.parse(request.at)) }) },
  ];
}
