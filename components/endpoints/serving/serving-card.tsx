"use client";

import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { DetailList } from "@/components/ui/key-facts";
import type { Release } from "@/lib/domain/endpoints/api";
import { balancingText, cacheText, callText, fallbacksText, inputText, queueText } from "./serving-text";
import { CALL_FIELDS } from "./settings-draft";

/** How a release calls its backends, with the defaults that hold where it says nothing. */
export function ServingCard({ release }: { release: Release }) {
  const words = useWords();
  const locale = useLocale();
  const tongue = { words, locale };
  const text = words.serving;
  return (
    <Card>
      <CardHead title={text.title} />
      <DataTable
        caption={text.title}
        phone="cards"
        rows={release.variants}
        rowKey={(variant) => variant.id}
        columns={[
          {
            id: "variant",
            head: words.endpoints.variants.name,
            phone: "title",
            cell: (variant) => <span className="font-medium">{variant.name}</span>,
          },
          { id: "balancing", head: text.balancing.title, cell: (variant) => balancingText(variant, tongue) },
          { id: "input", head: text.input.title, cell: (variant) => inputText(variant, tongue) },
          { id: "fallbacks", head: text.fallbacks.short, phone: "wide", cell: (variant) => fallbacksText(variant, tongue) },
        ]}
      />
      <CardBody className="pt-3">
        <DetailList
          items={[
            ...CALL_FIELDS.map((field) => ({ label: text.calls.fields[field], value: callText(release.calls, field, tongue) })),
            { label: text.queue.title, value: queueText(release.calls, tongue) },
            { label: words.cache.title, value: cacheText(release.cache, tongue) },
          ]}
        />
      </CardBody>
    </Card>
  );
}
