"use client";

import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardHead } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { NameTag } from "@/components/ui/name-tag";
import { formatPercent } from "@/lib/core/words/format";
import type { Release } from "@/lib/domain/endpoints/api";
import { parametersText } from "./release-changes";

/** What can answer within one release. */
export function VariantsCard({ release, project }: { release: Release; project: string }) {
  const words = useWords();
  const { link } = useShell();
  const text = words.endpoints.variants;
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub({ release: words.endpoints.release({ number: release.number }) })} />
      <DataTable
        caption={text.title}
        rows={[...release.variants].sort((a, b) => b.weightBps - a.weightBps)}
        rowKey={(variant) => variant.id}
        columns={[
          { id: "name", head: text.name, cell: (variant) => <span className="font-medium">{variant.name}</span> },
          {
            id: "weight",
            head: text.weight,
            align: "right",
            cell: (variant) => formatPercent(variant.weightBps / 10_000, { digits: variant.weightBps % 100 === 0 ? 0 : 2 }),
          },
          {
            id: "model",
            head: text.model,
            cell: ({ model }) => (
              <TextLink href={`/${project}/models/${model.name}/${model.version}`} className="whitespace-nowrap">
                {words.endpoints.version({ name: model.name, number: model.version })}
              </TextLink>
            ),
          },
          {
            id: "prompt",
            head: text.prompt,
            cell: ({ prompt }) =>
              prompt === null ? (
                <span className="text-ink-3">{words.ui.none}</span>
              ) : (
                <TextLink href={`/${project}/prompts/${encodeURIComponent(prompt.name)}/${prompt.version}`} className="whitespace-nowrap">
                  {words.endpoints.version({ name: prompt.name, number: prompt.version })}
                </TextLink>
              ),
          },
          {
            id: "backends",
            head: text.backends,
            cell: ({ backends }) => (
              <span className="flex flex-col items-start gap-1">
                {backends.map((backend) => (
                  <span key={backend.name} className="inline-flex items-center gap-1.5 whitespace-nowrap">
                    <TextLink href={link(`/${project}/backends/${backend.name}`)}>{backend.name}</TextLink>
                    {backend.kind === "simulated" && <NameTag kind="simulated" />}
                  </span>
                ))}
              </span>
            ),
          },
          {
            id: "parameters",
            head: text.parameters,
            cell: (variant) => <span className="text-small text-ink-2">{parametersText(variant.parameters, text.defaults)}</span>,
          },
        ]}
      />
    </Card>
  );
}
