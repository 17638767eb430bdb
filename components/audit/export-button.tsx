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
import { type AuditEvent, listAuditEvents } from "@/lib/domain/audit/api";
import type { AuditFilter } from "./audit-filters";

const MOST_EVENTS = 20_000;
const CSV_HEAD =
  "sequence,at,actorKind,actorId,actorName,action,objectKind,objectId,objectName,reason,details,requestId,prevHash,hash".split(",");

const toRow = (e: AuditEvent) => [
  e.sequence,
  e.at,
  e.actor.kind,
  e.actor.id,
  e.actor.name,
  e.action,
  e.object.kind,
  e.object.id,
  e.object.name,
  e.reason,
  JSON.stringify(e.details),
  e.requestId,
  e.prevHash,
  e.hash,
];

function save(name: string, text: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Takes what the filters show to a file, page by page through the API. */
export function ExportButton({ project, filter }: { project: string; filter: AuditFilter }) {
  const words = useWords();
  const toast = useToast();
  const [busy, setBusy] = useState(false);

  const readAll = async (): Promise<{ events: AuditEvent[]; isCut: boolean } | null> => {
    const events: AuditEvent[] = [];
    let cursor: string | undefined;
    do {
      const answer = await call(listAuditEvents, { project, query: { ...filter, limit: MAX_PAGE_SIZE, cursor } });
      if (!answer.ok) {
        toast({ tone: "bad", title: words.errors.notRead({ what: words.audit.title }), detail: answer.problem?.detail });
        return null;
      }
      events.push(...answer.data.items);
      cursor = answer.data.nextCursor ?? undefined;
    } while (cursor !== undefined && events.length < MOST_EVENTS);
    return { events, isCut: cursor !== undefined };
  };

  const download = async (format: "csv" | "json") => {
    setBusy(true);
    const read = await readAll();
    setBusy(false);
    if (read === null) return;
    const { events, isCut } = read;
    if (format === "csv") save(`${project}-audit.csv`, toCsv(CSV_HEAD, events.map(toRow)), "text/csv;charset=utf-8");
    else save(`${project}-audit.json`, JSON.stringify(events, null, 2), "application/json");
    const count = formatNumber(events.length);
    toast({ title: words.audit.exported({ count }), detail: isCut ? words.audit.exportCut({ count }) : undefined });
  };

  return (
    <Menu
      label={words.actions.download}
      trigger={
        <Button icon={<Download aria-hidden />} busy={busy} busyLabel={words.audit.exporting}>
          {words.actions.download}
        </Button>
      }
    >
      <MenuItem onSelect={() => void download("csv")}>{words.actions.csv}</MenuItem>
      <MenuItem onSelect={() => void download("json")}>{words.actions.json}</MenuItem>
    </Menu>
  );
}
