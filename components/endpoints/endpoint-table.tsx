"use client";

import type { ReactNode } from "react";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { CellNote, type Column, DataTable } from "@/components/ui/data-table";
import { NameTag } from "@/components/ui/name-tag";
import { SplitBar, SplitText } from "@/components/ui/split-bar";
import { StateBadge } from "@/components/ui/state-badge";
import { dash, formatMoney, formatNumber } from "@/lib/core/words/format";
import type { EndpointRow } from "./endpoint-rows";

type Props = { rows: readonly EndpointRow[]; instead?: ReactNode };

/** Endpoints with the split that is wanted now and the numbers of the window. Cards on a phone. */
export function EndpointTable({ rows, instead }: Props) {
  const words = useWords();
  const { data, link } = useShell();
  const head = words.overview.columns;
  const columns: Column<EndpointRow>[] = [
    { id: "name", head: head.endpoint, phone: "title", cell: (row) => <EndpointName row={row} /> },
    { id: "split", head: head.split, width: "210px", phone: "wide", phoneLabel: "", cell: (row) => <EndpointSplit row={row} /> },
    {
      id: "perMinute",
      head: head.perMinute,
      align: "right",
      cell: (row) => formatNumber(row.perMinute, { digits: row.perMinute !== null && row.perMinute < 10 ? 1 : 0 }),
    },
    {
      id: "errors",
      head: head.errors,
      align: "right",
      cell: (row) => (row.errorRatio === null ? dash : formatNumber(row.errorRatio * 100, { digits: 2 })),
    },
    {
      id: "firstToken",
      head: head.firstToken,
      align: "right",
      cell: (row) => (row.firstTokenMs === null ? dash : formatNumber(row.firstTokenMs / 1000, { digits: 2 })),
    },
    {
      id: "perThousand",
      head: head.perThousand,
      align: "right",
      phone: "hidden",
      cell: (row) => formatMoney(row.perThousand).replace(/^\$/, ""),
    },
    { id: "state", head: head.state, phone: "corner", cell: (row) => <StateBadge state={row.state}>{row.stateText}</StateBadge> },
  ];
  return (
    <DataTable
      caption={words.endpoints.title}
      phone="cards"
      columns={columns}
      rows={rows}
      rowKey={(row) => row.name}
      rowHref={(row) => link(`/${data.project.slug}/endpoints/${row.name}`)}
      instead={instead}
    />
  );
}

function EndpointName({ row }: { row: EndpointRow }) {
  return (
    <>
      <span className="font-medium">{row.name}</span>
      {row.isSimulated && <NameTag kind="simulated" className="ml-2" />}
      {row.about !== "" && <CellNote className="max-w-[36ch] truncate max-md:max-w-none">{row.about}</CellNote>}
    </>
  );
}

function EndpointSplit({ row }: { row: EndpointRow }) {
  if (row.parts.length === 0) return <span className="text-ink-3">{dash}</span>;
  return (
    <>
      <SplitBar parts={row.parts} digits={0} />
      <SplitText parts={row.parts} />
    </>
  );
}
