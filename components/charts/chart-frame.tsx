"use client";

import { ArrowDown, ArrowUp, ChartLine, Download, Table2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardHead } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { minus } from "@/lib/core/words/format";
import { type CsvCell, toCsv } from "./prepare/csv";

/** A plain cell, or one that is read as `text` and sorted and exported as `value`. */
export type ChartCell = CsvCell | { text: string; value: string | number };

/** The same data as the picture. */
export type ChartTable = { name: string; head: readonly string[]; rows: readonly (readonly ChartCell[])[] };

type Props = {
  title: ReactNode;
  sub?: ReactNode;
  /** The unit of y, once, top left. */
  unit?: string;
  legend?: ReactNode;
  badge?: ReactNode;
  table: ChartTable;
  /** Gaps, a cut axis, what a reader must know. */
  footnotes?: readonly ReactNode[];
  level?: 2 | 3;
  /** The picture is a table of its own and reaches the card's edges. */
  flush?: boolean;
  children: ReactNode;
  className?: string;
};

/** The card of a chart: title, unit, picture or table of the same data, CSV, sentences below. */
export function ChartFrame({
  title,
  sub,
  unit,
  legend,
  badge,
  table,
  footnotes = [],
  level = 3,
  flush = false,
  children,
  className,
}: Props) {
  const words = useWords();
  const [asTable, setAsTable] = useState(false);
  const Icon = asTable ? ChartLine : Table2;
  return (
    <Card className={className}>
      <CardHead
        level={level}
        title={
          badge ? (
            <span className="inline-flex items-center gap-2.5">
              {title}
              {badge}
            </span>
          ) : (
            title
          )
        }
        sub={sub}
        right={
          <>
            {legend}
            {asTable && <CsvButton table={table} />}
            <button
              type="button"
              aria-pressed={asTable}
              onClick={() => setAsTable(!asTable)}
              className="inline-flex items-center gap-[5px] rounded-mark py-1 hover:text-ink print:hidden pointer-coarse:min-h-11"
            >
              <Icon className="size-[13px] stroke-[1.75]" aria-hidden />
              {asTable ? words.actions.chart : words.actions.table}
            </button>
          </>
        }
      />
      {asTable ? (
        <ChartTableView table={table} />
      ) : flush ? (
        <>
          {children}
          {footnotes.length > 0 && (
            <p className="border-t border-line px-4 py-2.5 text-small text-ink-3">
              <Notes notes={footnotes} />
            </p>
          )}
        </>
      ) : (
        <div className="px-4 pb-4 max-md:px-3.5 max-md:pb-3.5">
          {unit !== undefined && <p className="mb-2 text-micro text-ink-3">{unit}</p>}
          {children}
          {footnotes.length > 0 && (
            <p className="mt-2 text-small text-ink-3">
              <Notes notes={footnotes} />
            </p>
          )}
        </div>
      )}
    </Card>
  );
}

function Notes({ notes }: { notes: readonly ReactNode[] }) {
  return notes.map((note, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the sentences below a chart are a fixed list
    <span key={index}>{note} </span>
  ));
}

/** Takes a table to a file that spreadsheets open. */
export function CsvButton({ table }: { table: ChartTable }) {
  const words = useWords();
  const save = () => {
    // The mark at the start makes spreadsheets read UTF-8, which Hangul names need.
    const url = URL.createObjectURL(
      new Blob(
        [
          "\ufeff",
          toCsv(
            table.head,
            table.rows.map((row) => row.map(sortValue)),
          ),
        ],
        { type: "text/csv;charset=utf-8" },
      ),
    );
    const link = document.createElement("a");
    link.href = url;
    link.download = `${table.name}.csv`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <button
      type="button"
      onClick={save}
      className="inline-flex items-center gap-[5px] rounded-mark py-1 hover:text-ink pointer-coarse:min-h-11"
    >
      <Download className="size-[13px] stroke-[1.75]" aria-hidden />
      {words.actions.csv}
    </button>
  );
}

function ChartTableView({ table }: { table: ChartTable }) {
  const words = useWords();
  const [sort, setSort] = useState<{ column: number; up: boolean } | null>(null);
  const rows = sort
    ? [...table.rows].sort((a, b) => compare(sortValue(a[sort.column] ?? null), sortValue(b[sort.column] ?? null)) * (sort.up ? 1 : -1))
    : table.rows;
  const Arrow = sort?.up ? ArrowUp : ArrowDown;
  return (
    <section
      aria-label={table.name}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
      tabIndex={0}
      className="max-h-[320px] overflow-auto border-t border-line [scrollbar-width:thin] focus-visible:-outline-offset-2"
    >
      <table className="w-full border-separate border-spacing-0">
        <caption className="sr-only">{table.name}</caption>
        <thead>
          <tr>
            {table.head.map((name, index) => (
              <th
                key={name}
                scope="col"
                aria-sort={sort?.column === index ? (sort.up ? "ascending" : "descending") : undefined}
                className={cn(
                  "sticky top-0 border-b border-line bg-sunken px-3 py-[7px] text-small font-medium whitespace-nowrap text-ink-3 first:pl-4",
                  index === 0 ? "text-left" : "text-right",
                )}
              >
                <button
                  type="button"
                  title={words.actions.sortBy({ column: name })}
                  onClick={() => setSort({ column: index, up: sort?.column === index ? !sort.up : true })}
                  className="inline-flex items-center gap-1 hover:text-ink"
                >
                  {name}
                  {sort?.column === index && <Arrow className="size-3 stroke-2" aria-hidden />}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity of their own
            <tr key={at}>
              {row.map((cell, index) => (
                <td
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells follow the head
                  key={index}
                  className={cn("border-b border-line px-3 py-1 whitespace-nowrap first:pl-4", index === 0 ? "text-left" : "text-right")}
                >
                  {textOf(cell) ?? <span className="text-ink-3">–</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const sortValue = (cell: ChartCell): CsvCell => (typeof cell === "object" && cell !== null ? cell.value : cell);

// A number without a text of its own shows six significant digits; the CSV has all of them.
function textOf(cell: ChartCell): string | null {
  if (typeof cell === "number") return String(Number(cell.toPrecision(6))).replace("-", minus);
  return typeof cell === "object" ? (cell?.text ?? null) : cell;
}

// Missing values stand last when sorted upward; numbers by size, texts by their language.
function compare(a: CsvCell, b: CsvCell): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}
