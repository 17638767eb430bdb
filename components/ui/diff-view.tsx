"use client";

import type { ReactNode } from "react";
import { type DiffRow, type DiffSide, prepareDiff, type Segment } from "@/components/charts/prepare/diff";
import { useWords } from "@/components/shell/words-provider";
import { cn } from "./cn";
import { LegendItem } from "./split-bar";

export type DiffSection = { title: string; before: string; after: string; numbered?: boolean };
type Props = { beforeName: ReactNode; afterName: ReactNode; sections: readonly DiffSection[]; oneColumn?: boolean };

/** Side by side from 1100 px on, one column below; words are marked inside changed lines. */
export function DiffView({ beforeName, afterName, sections, oneColumn = false }: Props) {
  const two = oneColumn ? "" : "lg:grid-cols-2";
  const divider = oneColumn ? "" : "lg:border-l lg:border-line";
  let before = 1;
  let after = 1;
  return (
    <div className="overflow-hidden rounded-b-card border-t border-line font-mono text-[12.5px]/5 max-md:text-[12px]/5">
      <div className={cn("grid border-b border-line bg-sunken font-sans text-small font-medium text-ink-2", two)}>
        <div className="min-w-0 px-4 py-2">
          <LegendItem tone="control">{beforeName}</LegendItem>
        </div>
        <div className={cn("min-w-0 px-4 py-2", divider)}>
          <LegendItem tone="treatment">{afterName}</LegendItem>
        </div>
      </div>
      {sections.map((section) => {
        const { rows } = prepareDiff(section.before, section.after, { before, after });
        if (section.numbered !== false) {
          before += rows.filter((row) => row.before).length;
          after += rows.filter((row) => row.after).length;
        }
        return (
          <section key={section.title} aria-label={section.title}>
            <h3 className="border-y border-line bg-sunken px-4 py-1.5 font-sans text-small font-medium text-ink-3 first:border-t-0">
              {section.title}
            </h3>
            {rows.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a diff have no identity but their place
              <DiffLine key={index} row={row} two={two} divider={divider} numbered={section.numbered !== false} />
            ))}
          </section>
        );
      })}
    </div>
  );
}

function DiffLine({ row, two, divider, numbered }: { row: DiffRow; two: string; divider: string; numbered: boolean }) {
  const words = useWords();
  const isSame = row.kind === "same";
  const nothing = two ? "hatch-none max-lg:hidden" : "hidden";
  return (
    <div className={cn("grid", two)}>
      {row.before ? (
        <Side
          side={row.before}
          sign={isSame ? "" : "−"}
          spoken={isSame ? undefined : words.ui.lineRemoved}
          numbered={numbered}
          className={isSame ? "" : "bg-diff-del-bg"}
          mark="del"
        />
      ) : (
        <div className={nothing} />
      )}
      {row.after ? (
        <Side
          side={row.after}
          sign={isSame ? "" : "+"}
          spoken={isSame ? undefined : words.ui.lineAdded}
          numbered={numbered}
          className={cn(divider, isSame ? (two ? "max-lg:hidden" : "hidden") : "bg-diff-add-bg")}
          mark="add"
        />
      ) : (
        <div className={cn(nothing, divider)} />
      )}
    </div>
  );
}

type SideProps = { side: DiffSide; sign: string; spoken?: string; numbered: boolean; className: string; mark: "del" | "add" };

function Side({ side, sign, spoken, numbered, className, mark }: SideProps) {
  return (
    <div
      className={cn(
        "grid min-w-0 grid-cols-[38px_16px_minmax(0,1fr)] py-px pr-3.5 max-md:grid-cols-[26px_14px_minmax(0,1fr)] max-md:pr-2.5",
        className,
      )}
    >
      <span className="pr-2 text-right text-micro leading-5 text-ink-3 select-none">{numbered ? side.number : ""}</span>
      <span className="text-ink-3 select-none" aria-hidden>
        {sign}
      </span>
      <span className="wrap-anywhere whitespace-pre-wrap text-ink">
        {spoken !== undefined && <span className="sr-only">{spoken}: </span>}
        {side.segments.map((segment, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: segments have no identity but their place
          <Piece key={index} segment={segment} mark={mark} />
        ))}
      </span>
    </div>
  );
}

function Piece({ segment, mark }: { segment: Segment; mark: "del" | "add" }) {
  const text = segment.isVariable ? (
    <span className="rounded-[3px] bg-surface px-[3px] text-ink-2 shadow-[inset_0_0_0_1px_var(--line-strong)]">{segment.text}</span>
  ) : (
    segment.text
  );
  if (!segment.isChanged) return text;
  const Mark = mark === "del" ? "del" : "ins";
  return <Mark className={cn("rounded-[2px] py-px no-underline", mark === "del" ? "bg-diff-del-mark" : "bg-diff-add-mark")}>{text}</Mark>;
}
