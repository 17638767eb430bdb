import { ArrowDown, ArrowUp } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { cn } from "./cn";

export type SortDirection = "ascending" | "descending";

export type Column<Row> = {
  id: string;
  head: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Numbers are right-aligned; the unit stands in the head or after the number, never both. */
  align?: "left" | "right";
  /** The URL that sorts by this column, the other way round if it is sorted already. */
  sortHref?: string;
  width?: string;
  /** On a phone with `phone="cards"`: the title line, the corner, the full second row (one column at most), a labelled field (default), or left out. */
  phone?: "title" | "corner" | "wide" | "field" | "hidden";
  /** The label of the field on a phone, where the head is not text. */
  phoneLabel?: string;
  total?: ReactNode;
};

type Props<Row> = {
  /** Read by screen readers, not drawn. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  rowHref?: (row: Row) => string | undefined;
  /** Rows come and go by themselves: what they lead to is not fetched before somebody asks for it. */
  isFlowing?: boolean;
  isSelected?: (row: Row) => boolean;
  sorted?: { column: string; direction: SortDirection };
  /** Tables that people act on become cards on a phone; others scroll sideways under a fixed first column. */
  phone?: "cards" | "scroll";
  /** Keeps the head in sight from 1100 px on, for a long list that has the full width: it then does not scroll sideways there. */
  stickyHead?: boolean;
  compact?: boolean;
  /** Instead of rows: EmptyState, ErrorState, NoPermission or SkeletonRows. */
  instead?: ReactNode;
  /** What is shown is known to be old. */
  stale?: boolean;
};

const phoneCell = {
  title: "max-md:[grid-area:1/1/2/3] max-md:whitespace-normal max-md:wrap-anywhere",
  corner: "max-md:[grid-area:1/3/2/5] max-md:justify-self-end",
  wide: "max-md:[grid-area:2/1/3/5]",
  field: "",
  hidden: "max-md:hidden",
} as const;

/** A real table that works without JavaScript: sort and paging are links, the row's link is its first cell's. */
export function DataTable<Row>(props: Props<Row>) {
  const { caption, columns, rows, rowKey, sorted, phone = "scroll", stickyHead = false, instead, stale = false } = props;
  if (instead !== undefined) return <div className="border-t border-line">{instead}</div>;
  const cards = phone === "cards";
  const scroll = cn(cards ? "md:overflow-x-auto" : "overflow-x-auto", stickyHead && "lg:overflow-x-visible");
  return (
    <section
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls sideways has to be reachable by keyboard
      tabIndex={0}
      className={cn("relative [scrollbar-width:thin] focus-visible:-outline-offset-2", scroll, stale && "opacity-70")}
    >
      <table className={cn("w-full border-separate border-spacing-0", cards && "max-md:block")}>
        <caption className="sr-only">{caption}</caption>
        <thead className={cn(cards && "max-md:sr-only")}>
          <tr>
            {columns.map((column, index) => (
              <HeadCell
                key={column.id}
                column={column}
                first={index === 0}
                sorted={sorted?.column === column.id ? sorted.direction : undefined}
                sticky={stickyHead}
              />
            ))}
          </tr>
        </thead>
        <tbody className={cn(cards && "max-md:block")}>
          {rows.map((row) => (
            <BodyRow key={rowKey(row)} row={row} cards={cards} {...props} />
          ))}
        </tbody>
        {columns.some((column) => column.total !== undefined) && <Totals columns={columns} cards={cards} />}
      </table>
    </section>
  );
}

function HeadCell<Row>({
  column,
  first,
  sorted,
  sticky,
}: {
  column: Column<Row>;
  first: boolean;
  sorted?: SortDirection;
  sticky: boolean;
}) {
  const Arrow = sorted === "ascending" ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      aria-sort={sorted}
      style={column.width ? { width: column.width } : undefined}
      className={cn(
        "border-y border-line bg-sunken px-3 py-[7px] text-left text-small font-medium whitespace-nowrap text-ink-3 first:pl-4 last:pr-4",
        column.align === "right" && "text-right",
        sticky && "lg:sticky lg:top-(--topbar-h) lg:z-2",
        first && "max-lg:sticky max-lg:left-0 max-lg:z-3",
      )}
    >
      {column.sortHref ? (
        <Link href={column.sortHref} scroll={false} className="inline-flex items-center gap-1 hover:text-ink">
          {column.head}
          {sorted && <Arrow className="size-3 stroke-2" aria-hidden />}
        </Link>
      ) : (
        column.head
      )}
    </th>
  );
}

function BodyRow<Row>({ row, columns, rowHref, isFlowing = false, isSelected, compact, cards }: Props<Row> & { row: Row; cards: boolean }) {
  const href = rowHref?.(row);
  const selected = isSelected?.(row) ?? false;
  return (
    <tr
      aria-current={selected ? "true" : undefined}
      className={cn(
        "group relative",
        cards &&
          "max-md:grid max-md:grid-cols-[repeat(4,minmax(0,auto))] max-md:justify-between max-md:gap-x-3 max-md:gap-y-[9px] max-md:border-t max-md:border-line max-md:px-3.5 max-md:py-3",
      )}
    >
      {columns.map((column, index) => (
        <td
          key={column.id}
          data-label={column.phoneLabel ?? (typeof column.head === "string" ? column.head : undefined)}
          className={cn(
            "border-line bg-surface px-3 align-middle transition-colors ease-fast group-not-last:border-b first:pl-4 last:pr-4 group-last:first:rounded-bl-[9px] group-last:last:rounded-br-[9px]",
            compact ? "py-[5px]" : "py-[9px]",
            column.align === "right" && "text-right whitespace-nowrap",
            index === 0 && !cards && "max-lg:sticky max-lg:left-0 max-lg:z-1 max-md:min-w-[108px]",
            href && "group-hover:bg-hover",
            selected && "bg-selected group-hover:bg-selected",
            cards && "max-md:block max-md:border-0! max-md:bg-transparent! max-md:p-0! max-md:text-left",
            cards && phoneCell[column.phone ?? "field"],
            cards &&
              (column.phone ?? "field") === "field" &&
              "max-md:before:block max-md:before:text-small max-md:before:text-ink-3 max-md:before:content-[attr(data-label)]",
          )}
        >
          {index === 0 && href ? (
            <Link
              href={href}
              prefetch={isFlowing ? false : null}
              className="after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
            >
              {column.cell(row)}
            </Link>
          ) : (
            column.cell(row)
          )}
        </td>
      ))}
    </tr>
  );
}

function Totals<Row>({ columns, cards }: { columns: readonly Column<Row>[]; cards: boolean }) {
  return (
    <tfoot className={cn(cards && "max-md:block")}>
      <tr
        className={cn(
          cards &&
            "max-md:flex max-md:justify-between max-md:gap-3 max-md:border-t max-md:border-line-strong max-md:bg-sunken max-md:px-3.5 max-md:py-2.5",
        )}
      >
        {columns.map((column) => (
          <td
            key={column.id}
            className={cn(
              "border-t border-line-strong bg-sunken px-3 py-[9px] font-semibold first:rounded-bl-[9px] first:pl-4 last:rounded-br-[9px] last:pr-4",
              column.align === "right" && "text-right whitespace-nowrap",
              cards && "max-md:border-0 max-md:bg-transparent max-md:p-0!",
            )}
          >
            {column.total}
          </td>
        ))}
      </tr>
    </tfoot>
  );
}

/** The second line of a cell. */
export function CellNote({ children, className }: { children: ReactNode; className?: string }) {
  return <small className={cn("block text-small font-normal text-ink-3", className)}>{children}</small>;
}
