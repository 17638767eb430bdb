"use client";

import { useState } from "react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { type TrafficData, wholePoints } from "@/components/overview/traffic";
import { useAnnounce } from "@/components/shell/announce";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { DetailList } from "@/components/ui/key-facts";
import { RelativeTime } from "@/components/ui/relative-time";
import { StatTile } from "@/components/ui/stat-tile";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import type { CacheSettings } from "@/lib/contracts/cache";
import type { Words } from "@/lib/core/words";
import { formatMoney, formatNumber, formatPercent, formatSpan } from "@/lib/core/words/format";
import { type Endpoint, purgeCache } from "@/lib/domain/endpoints/api";

type Locale = ReturnType<typeof useLocale>;
type Props = {
  scope: Scope;
  endpoint: Endpoint;
  /** Of the release that serves; null: it stores nothing. */
  cache: CacheSettings | null;
  /** Of the chosen window. */
  traffic: TrafficData;
  onDone: () => void;
};

/** What stored answers save an endpoint, how they are kept, and a way to give them up. */
export function CacheCard({ scope, endpoint, cache, traffic, onDone }: Props) {
  const words = useWords();
  const locale = useLocale();
  const [open, setOpen] = useState(false);
  const text = words.cache;
  const may = mayAct(scope, "release:write");
  const hasFigures = cache !== null || traffic.total.cacheHits + traffic.total.cacheMisses > 0;
  return (
    <Card>
      <CardHead
        title={text.title}
        sub={hasFigures ? text.window({ span: formatSpan(Date.parse(traffic.to) - Date.parse(traffic.from), locale) }) : undefined}
        right={
          may &&
          hasFigures && (
            <Button size="sm" aria-label={text.purgeOf({ name: endpoint.name })} onClick={() => setOpen(true)}>
              {text.purge}
            </Button>
          )
        }
      />
      <CardBody className="flex flex-col gap-3">
        {hasFigures && <Figures traffic={traffic} words={words} />}
        {cache === null ? (
          <p className="text-ink-2">
            {text.off} {text.offAbout}
          </p>
        ) : (
          <>
            <DetailList items={toDetails(cache, words, locale)} />
            <p className="text-small text-ink-3">{text.about}</p>
          </>
        )}
      </CardBody>
      {endpoint.cachePurgedAt !== null && (
        <CardFoot>
          {text.lastPurge} <RelativeTime at={endpoint.cachePurgedAt} />
        </CardFoot>
      )}
      {!may && hasFigures && <CardFoot>{text.needsRole({ role: words.nouns.roles[neededRole("release:write")] })}</CardFoot>}
      <PurgeDialog open={open} onOpenChange={setOpen} scope={scope} endpoint={endpoint.name} onDone={onDone} />
    </Card>
  );
}

/** Hit ratio and money, each with its shape over the window. A step without a look-up has no ratio. */
function Figures({ traffic, words }: { traffic: TrafficData; words: Words }) {
  const text = words.cache;
  const { total } = traffic;
  const points = wholePoints(traffic.points);
  const looked = total.cacheHits + total.cacheMisses;
  const none = { value: null, noData: text.none, why: text.noLookUp };
  return (
    <div className="grid grid-cols-2 gap-2">
      <StatTile
        framed
        stat={{
          label: text.hitRatio,
          ...(total.cacheHitRatio === null ? none : { value: formatPercent(total.cacheHitRatio, { digits: 0 }) }),
          baseline: text.ofLooked({ hits: formatNumber(total.cacheHits), looked: formatNumber(looked) }),
          spark: points.map((point) => point.cacheHitRatio),
        }}
      />
      <StatTile
        framed
        stat={{
          label: text.saved,
          ...(looked === 0 ? none : { value: formatMoney(total.savedUsd) }),
          baseline: text.savedAbout,
          spark: points.map((point) => Number(point.savedUsd)),
        }}
      />
    </div>
  );
}

function toDetails(cache: CacheSettings, words: Words, locale: Locale) {
  const text = words.cache;
  const span = (seconds: number) => formatSpan(seconds * 1_000, locale);
  const classes = cache.onFailure.map((name) => text.classes[name]).join(", ");
  return [
    { label: text.mode, value: text.modes[cache.mode] },
    { label: text.kept, value: text.keptFor({ span: span(cache.ttlSeconds) }) },
    { label: text.shared, value: text.scopes[cache.scope] },
    { label: text.requests, value: cache.deterministicOnly ? text.deterministic : text.allRequests },
    {
      label: text.standsIn,
      value: classes === "" ? text.never : text.standsInFor({ classes, span: span(cache.ttlSeconds + cache.staleSeconds) }),
    },
  ];
}

type DialogProps = { open: boolean; onOpenChange: (open: boolean) => void; scope: Scope; endpoint: string; onDone: () => void };

function PurgeDialog({ open, onOpenChange, scope, endpoint, onDone }: DialogProps) {
  const words = useWords();
  const toast = useToast();
  const announce = useAnnounce();
  const text = words.cache;
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={text.purgeTitle({ name: endpoint })}
      effect={text.purgeEffect}
      reason={{ min: 3 }}
      confirmLabel={text.purge}
      busyLabel={text.purging}
      onConfirm={async (reason) => {
        const answer = await call(purgeCache, {
          project: scope.project,
          params: { name: endpoint },
          body: { environment: scope.environment, reason },
        });
        if (!answer.ok) return answer;
        announce(text.purged({ name: endpoint }));
        toast({ title: text.purged({ name: endpoint }), detail: text.purgedDetail });
        onDone();
        return { ok: true };
      }}
    />
  );
}
