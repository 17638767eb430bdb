"use client";

import { Braces, CopyPlus, Ellipsis, Link2, Sheet } from "lucide-react";
import { toCsv } from "@/components/charts/prepare/csv";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { writeClipboard } from "@/components/ui/copy-field";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { useToast } from "@/components/ui/toast";
import type { Experiment, ExperimentResults } from "@/lib/domain/experiments/api";
import { CSV_HEAD, toCsvRows } from "./results-csv";

function save(name: string, text: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** The address of this view without what is only open in it, such as a dialog. */
function viewAddress(): string {
  const url = new URL(window.location.href);
  url.searchParams.delete("act");
  url.hash = "";
  return url.toString();
}

type Props = {
  experiment: Experiment;
  results: ExperimentResults;
  /** Where another one like it is planned; null for who may not. */
  copyHref: string | null;
};

/** A link that opens this view for whoever may see the project, the results as files, and another experiment like this one. */
export function MoreMenu({ experiment, results, copyHref }: Props) {
  const words = useWords();
  const toast = useToast();
  const text = words.experimentResults.share;
  const name = `experiment-${experiment.number}-results`;
  const copy = async () => {
    const copied = await writeClipboard(viewAddress());
    toast(copied ? { title: text.copied, detail: text.copiedDetail } : { tone: "bad", title: text.notCopied, detail: viewAddress() });
  };
  return (
    <Menu label={words.actions.more} trigger={<Button icon={<Ellipsis aria-hidden />}>{words.actions.more}</Button>}>
      <MenuItem icon={<Link2 aria-hidden />} onSelect={() => void copy()}>
        {text.copy}
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        icon={<Sheet aria-hidden />}
        onSelect={() => save(`${name}.csv`, `\ufeff${toCsv(CSV_HEAD, toCsvRows({ experiment, results }))}`, "text/csv;charset=utf-8")}
      >
        {words.actions.csv}
      </MenuItem>
      <MenuItem
        icon={<Braces aria-hidden />}
        onSelect={() => save(`${name}.json`, JSON.stringify({ experiment, results }, null, 2), "application/json")}
      >
        {words.actions.json}
      </MenuItem>
      {copyHref !== null && (
        <>
          <MenuSeparator />
          <MenuItem icon={<CopyPlus aria-hidden />} href={copyHref}>
            {words.experiments.form.duplicate}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
