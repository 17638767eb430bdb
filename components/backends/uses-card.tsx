"use client";

import type { z } from "zod";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateText } from "@/components/ui/state-badge";
import { CursorPaging } from "@/components/ui/table-tools";
import { dash, formatNumber, formatPercent } from "@/lib/core/words/format";
import type { Backend, BackendUse, listBackendUses } from "@/lib/domain/backends/api";
import { type BackendLine, formatRate } from "./backend-traffic";

export type UsesData = z.output<(typeof listBackendUses)["returns"]>;

type Props = {
  scope: Scope;
  backend: Backend;
  uses: UsesData;
  line: BackendLine | null;
  paging: { pageSize: number; cursor: string | undefined };
};

const looks = { active: "live", rollout: "rolling_out", experiment: "running" } as const;

/** The releases that name the backend, live or not, with what each asked of it in the window. */
export function UsesCard({ scope, backend, uses, line, paging }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.backends.uses;
  const base = `/${scope.project}/backends/${backend.name}`;
  const partOf = (use: BackendUse) => line?.users.find((user) => user.endpoint === use.endpoint && user.release === use.release);
  const direct = line?.users.find((user) => user.endpoint === null);
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      {uses.items.length === 0 ? (
        <CardBody className="text-ink-2">{text.none}</CardBody>
      ) : (
        <DataTable
          caption={text.title}
          phone="cards"
          rows={uses.items}
          rowKey={(use) => `${use.endpoint} ${use.release}`}
          columns={[
            {
              id: "release",
              head: words.endpoints.oneRelease,
              phone: "title",
              cell: (use) => (
                <>
                  <TextLink href={link(`/${scope.project}/endpoints/${use.endpoint}/releases/${use.release}`)}>
                    {words.backends.release({ endpoint: use.endpoint, release: words.endpoints.release({ number: use.release }) })}
                  </TextLink>
                  <CellNote>
                    <RelativeTime at={use.createdAt} />
                    {use.revision !== backend.revision && `, ${text.older({ number: use.revision })}`}
                  </CellNote>
                </>
              ),
            },
            {
              id: "state",
              head: text.state,
              phone: "corner",
              cell: (use) => <StateText state={use.live === null ? "idle" : looks[use.live]}>{text.states[use.live ?? "none"]}</StateText>,
            },
            {
              id: "variants",
              head: text.variants,
              phone: "wide",
              cell: (use) =>
                use.variants.map((variant) => (
                  <span key={variant.name} className="block">
                    {variant.name} {formatPercent(variant.weightBps / 10_000, { digits: 0 })}
                    <CellNote>{words.endpoints.version({ name: variant.model.name, number: variant.model.version })}</CellNote>
                  </span>
                )),
            },
            {
              id: "rate",
              head: words.endpoints.facts.perMinute,
              align: "right",
              cell: (use) => {
                const part = partOf(use);
                return part === undefined ? dash : formatRate(part.requestsPerMinute);
              },
            },
            {
              id: "errors",
              head: words.overview.tiles.errors,
              align: "right",
              cell: (use) => formatPercent(partOf(use)?.errorRatio, { digits: 2 }),
            },
          ]}
        />
      )}
      {direct !== undefined && <CardFoot>{text.direct({ count: formatNumber(direct.requests) })}</CardFoot>}
      {(uses.nextCursor !== null || paging.cursor !== undefined) && (
        <CursorPaging
          shown={uses.items.length}
          pageSize={paging.pageSize}
          nextHref={uses.nextCursor === null ? null : link(`${base}?cursor=${encodeURIComponent(uses.nextCursor)}`)}
          firstHref={paging.cursor === undefined ? null : link(base)}
        />
      )}
    </Card>
  );
}
