"use client";

import { X } from "lucide-react";
import Link from "next/link";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { CopyField } from "@/components/ui/copy-field";
import { DetailList } from "@/components/ui/key-facts";
import { ClockTime } from "@/components/ui/relative-time";
import { formatNumber } from "@/lib/core/words/format";
import type { AuditEvent } from "@/lib/domain/audit/api";

/** Everything of one event, its hashes too. */
export function EventCard({ event, closeHref }: { event: AuditEvent; closeHref: string }) {
  const words = useWords();
  const hasDetails = Object.keys(event.details).length > 0;
  const kinds: Readonly<Record<string, string>> = words.audit.actors;
  return (
    <Card className="lg:sticky lg:top-[calc(var(--topbar-h)+16px)]">
      <CardHead
        title={words.audit.detail}
        right={
          <Link
            href={closeHref}
            scroll={false}
            aria-label={words.audit.closeDetail}
            title={words.audit.closeDetail}
            className="grid size-[30px] place-items-center rounded-control text-ink-3 hover:bg-hover hover:text-ink max-md:size-11"
          >
            <X className="size-4" aria-hidden />
          </Link>
        }
      />
      <CardBody className="grid gap-3.5">
        <DetailList
          items={[
            { label: words.audit.when, value: <ClockTime at={event.at} seconds /> },
            { label: words.audit.who, value: `${event.actor.name} (${kinds[event.actor.kind] ?? event.actor.kind})` },
            { label: words.audit.what, value: <code>{event.action}</code> },
            { label: words.audit.object, value: `${event.object.kind} ${event.object.name}` },
            { label: words.audit.why, value: event.reason ?? <span className="text-ink-3">{words.audit.noReason}</span> },
            { label: words.audit.sequence, value: formatNumber(event.sequence) },
            { label: words.audit.request, value: <code>{event.requestId}</code> },
          ]}
        />
        <div>
          <h3 className="mb-1 text-small font-medium">{words.audit.details}</h3>
          {hasDetails ? (
            <CodeBlock code={JSON.stringify(event.details, null, 2)} label={words.audit.details} wrap />
          ) : (
            <p className="text-ink-3">{words.audit.noDetails}</p>
          )}
        </div>
        <div className="grid gap-1">
          <h3 className="text-small font-medium">{words.audit.hash}</h3>
          <CopyField value={event.hash} what={words.audit.hash} />
        </div>
        <div className="grid gap-1">
          <h3 className="text-small font-medium">{words.audit.prevHash}</h3>
          <CopyField value={event.prevHash} what={words.audit.prevHash} />
        </div>
      </CardBody>
    </Card>
  );
}
