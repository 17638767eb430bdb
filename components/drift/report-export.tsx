"use client";

import { Download } from "lucide-react";
import { toCsv } from "@/components/charts/prepare/csv";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Menu, MenuItem } from "@/components/ui/menu";
import type { DriftReport } from "@/lib/domain/drift/api";
import { CSV_HEAD, toCsvRows } from "./report-csv";

function save(name: string, text: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** The report as the API gives it, or one line a bin for a spreadsheet. */
export function ReportExport({ report }: { report: DriftReport }) {
  const words = useWords();
  const name = `${report.content.monitor.name}-${report.number}`;
  return (
    <Menu label={words.actions.download} trigger={<Button icon={<Download aria-hidden />}>{words.actions.download}</Button>}>
      <MenuItem onSelect={() => save(`${name}.csv`, toCsv(CSV_HEAD, toCsvRows(report)), "text/csv;charset=utf-8")}>
        {words.actions.csv}
      </MenuItem>
      <MenuItem onSelect={() => save(`${name}.json`, JSON.stringify(report, null, 2), "application/json")}>{words.actions.json}</MenuItem>
    </Menu>
  );
}
