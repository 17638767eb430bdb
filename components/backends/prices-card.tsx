"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateText } from "@/components/ui/state-badge";
import { dash, formatMoney, formatNumber } from "@/lib/core/words/format";
import type { Price } from "@/lib/domain/prices/api";

export interface ModelPrices {
  readonly model: string;
  /** Valid now; null: the model has no price, and what it costs is in no sum. */
  readonly now: Price | null;
  /** The next one that begins. */
  readonly next: Price | null;
}

/** What tokens from this backend cost: a price belongs to the model that a release serves on it. */
export function PricesCard({ prices }: { prices: readonly ModelPrices[] }) {
  const words = useWords();
  const text = words.backends.prices;
  const money = (usd: string | undefined, perTokens: number | undefined) =>
    usd === undefined || perTokens === undefined ? dash : text.per({ amount: formatMoney(usd), tokens: formatNumber(perTokens) });
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      {prices.length === 0 ? (
        <CardBody className="text-ink-2">{text.noModel}</CardBody>
      ) : (
        <DataTable
          caption={text.title}
          compact
          rows={prices}
          rowKey={(price) => price.model}
          columns={[
            { id: "model", head: text.model, cell: (price) => price.model },
            { id: "input", head: text.input, align: "right", cell: ({ now }) => money(now?.inputUsd, now?.perTokens) },
            { id: "output", head: text.output, align: "right", cell: ({ now }) => money(now?.outputUsd, now?.perTokens) },
            {
              id: "since",
              head: text.since,
              cell: ({ now, next }) => (
                <>
                  {now === null ? <StateText state="warning">{text.none}</StateText> : <RelativeTime at={now.validFrom} />}
                  {next !== null && (
                    <span className="block text-small text-ink-3">
                      {text.next({ input: money(next.inputUsd, next.perTokens), output: money(next.outputUsd, next.perTokens) })}{" "}
                      <RelativeTime at={next.validFrom} />
                    </span>
                  )}
                </>
              ),
            },
          ]}
        />
      )}
      <CardFoot>{text.foot}</CardFoot>
    </Card>
  );
}
