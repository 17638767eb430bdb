import type { ReactNode } from "react";

export type Fact = { label: ReactNode; value: ReactNode; note?: ReactNode };

/** Four to six facts in one row with hairlines between, two columns on a phone. */
export function KeyFacts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="flex overflow-hidden rounded-card border border-line bg-surface max-md:grid max-md:grid-cols-2">
      {facts.map((fact, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: facts are a fixed list in a fixed order
          key={index}
          className="min-w-0 flex-auto border-line px-4 pt-2.5 pb-[11px] not-first:border-l max-md:border-t max-md:px-3.5 max-md:py-[9px] max-md:odd:border-l-0 max-md:nth-[-n+2]:border-t-0"
        >
          <dt className="mb-[3px] text-small text-ink-3 md:whitespace-nowrap">{fact.label}</dt>
          <dd className="font-[550] md:whitespace-nowrap">
            {fact.value}
            {fact.note !== undefined && <small className="ml-1 text-small font-normal text-ink-3">{fact.note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Labels and values in two columns, for plans and details in an aside. */
export function DetailList({ items, numeric = false }: { items: readonly { label: ReactNode; value: ReactNode }[]; numeric?: boolean }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-[7px]">
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: details are a fixed list in a fixed order
        <div key={index} className="contents">
          <dt className="text-ink-3">{item.label}</dt>
          <dd className={numeric ? "min-w-0 text-right" : "min-w-0 wrap-anywhere"}>{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
