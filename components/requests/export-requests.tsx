"use client";

import { Download } from "lucide-react";
import { useState } from "react";
import { toCsv } from "@/components/charts/prepare/csv";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Menu, MenuItem } from "@/components/ui/menu";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { MAX_PAGE_SIZE } from "@/lib/contracts/endpoint";
import { formatNumber } from "@/lib/core/words/format";
import { listRequests, RequestLine } from "@/lib/domain/usage/api";
import type { RequestFilters } from "./request-filters";

const MOST_REQUESTS = 10_000;
const CSV_HEAD = Object.keys(RequestLine.shape) as (keyof RequestLine)[];

const toRow = (request: RequestLine) =>
  CSV_HEAD.map((name) => {
    const value = request[name];
    return typeof value === "boolean" ? String(value) : value;
  });

function save(name: string, text: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

type Props = { project: string; environment: string; filters: RequestFilters };

/** Takes what the filters let through to a file, newest first, page by page through the API. */
export function ExportRequests({ project, environment, filters }: Props) {
  const words = useWords();
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const text = words.requests.export;

  const readAll = async (): Promise<{ items: RequestLine[]; isCut: boolean } | null> => {
    const items: RequestLine[] = [];
    let cursor: string | undefined;
    do {
      const answer = await call(listRequests, { project, query: { ...filters, environment, limit: MAX_PAGE_SIZE, cursor } });
      if (!answer.ok) {
        toast({ tone: "bad", title: words.errors.notRead({ what: words.requests.title }), detail: answer.problem?.detail });
        return null;
      }
      items.push(...answer.data.items);
      cursor = answer.data.nextCursor ?? undefined;
    } while (cursor !== undefined && items.length < MOST_REQUESTS);
    return { items, isCut: cursor !== undefined };
  };

  const download = async (format: "csv" | "json") => {
    setBusy(true);
    const read = await readAll();
    setBusy(false);
    if (read === null) return;
    const name = `${project}-${environment}-requests`;
    if (format === "csv") save(`${name}.csv`, toCsv(CSV_HEAD, read.items.map(toRow)), "text/csv;charset=utf-8");
    else save(`${name}.json`, JSON.stringify(read.items, null, 2), "application/json");
    const count = formatNumber(read.items.length);
    toast({ title: text.done({ count }), detail: read.isCut ? text.cut({ count }) : undefined });
  };

  return (
    <Menu
      label={words.actions.download}
      trigger={
        <Button icon={<Download aria-hidden />} busy={busy} busyLabel={text.reading}>
          {words.actions.download}
        </Button>
      }
    >
      <MenuItem onSelect={() => void download("csv")}>{words.actions.csv}</MenuItem>
      <MenuItem onSelect={() => void download("json")}>{words.actions.json}</MenuItem>
    </Menu>
  );
}
