"use client";

import { X } from "lucide-react";
import Link from "next/link";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CopyField } from "@/components/ui/copy-field";
import { DetailList } from "@/components/ui/key-facts";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateBadge } from "@/components/ui/state-badge";
import { formatSpan } from "@/lib/core/words/format";
import type { RequestDetail } from "@/lib/domain/usage/api";
import { amountFacts, answerFacts, originFacts } from "./request-facts";
import { outcomeLook } from "./request-look";
import { WaterfallBar } from "./waterfall-bar";

type Props = { project: string; request: RequestDetail; closeHref: string };

/** Everything that the log says about one request. */
export function RequestCard({ project, request, closeHref }: Props) {
  const words = useWords();
  const locale = useLocale();
  const { link } = useShell();
  const text = words.requests.detail;
  const about = { words, project, link, span: (ms: number) => formatSpan(ms, locale) };
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
        <DetailList items={[...answerFacts(request, about), ...amountFacts(request, about), ...originFacts(request, about)]} />
        <ButtonLink href={link(`/${project}/requests/${request.id}`)}>{text.page}</ButtonLink>
      </CardBody>
    </Card>
  );
}
