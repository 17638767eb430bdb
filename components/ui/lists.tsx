import type { ReactNode } from "react";
import { ButtonLink } from "./button";
import { cn } from "./cn";
import { dotTone, type StateName, stateLook, textTone } from "./state-look";

export type AttentionItem = {
  id: string;
  state: StateName;
  /** What, in bold, then the number with its limit. */
  title: ReactNode;
  detail?: ReactNode;
  since?: ReactNode;
  /** One button. */
  action: { label: string; href: string };
};

/** What waits for a person, worst first, one line and one button each. */
export function AttentionList({ items, label }: { items: readonly AttentionItem[]; label: string }) {
  return (
    <ul aria-label={label}>
      {items.map((item) => {
        const { icon: Icon, role } = stateLook[item.state];
        return (
          <li
            key={item.id}
            className="grid grid-cols-[20px_minmax(0,1fr)_auto_auto] items-center gap-x-3 gap-y-0.5 border-t border-line px-4 py-2.5 max-md:grid-cols-[20px_minmax(0,1fr)] max-md:px-3.5 max-md:py-3"
          >
            <Icon className={cn("mt-0.5 size-4 self-start stroke-[1.75]", dotTone[role])} aria-hidden />
            <p className="min-w-0">
              <span className="font-[550]">{item.title}</span>
              {item.detail !== undefined && <span className="text-ink-2"> – {item.detail}</span>}
            </p>
            <span className="text-right text-small whitespace-nowrap text-ink-3 max-md:col-start-2 max-md:text-left">{item.since}</span>
            <ButtonLink size="sm" href={item.action.href} className="max-md:col-start-2 max-md:mt-1.5 max-md:h-11">
              {item.action.label}
            </ButtonLink>
          </li>
        );
      })}
    </ul>
  );
}

/** Rows of a card with hairlines between, such as what is in progress. */
export function CardList({ children, label }: { children: ReactNode; label?: string }) {
  return (
    <ul aria-label={label} className="[&>li]:border-t [&>li]:border-line [&>li]:px-4 [&>li]:py-2.5 max-md:[&>li]:px-3.5 max-md:[&>li]:py-3">
      {children}
    </ul>
  );
}

export type CheckItem = { id: string; state: StateName; title: ReactNode; detail?: ReactNode; note?: ReactNode };

/** Checks with their outcome: trust checks of an experiment, required checks of an approval. */
export function CheckList({ items, label }: { items: readonly CheckItem[]; label: string }) {
  return (
    <ul aria-label={label}>
      {items.map((item) => {
        const { icon: Icon, role } = stateLook[item.state];
        return (
          <li key={item.id} className="flex items-start gap-2 py-[5px]">
            <Icon className={cn("mt-0.5 size-[15px] shrink-0 stroke-[2.25]", textTone[role])} aria-hidden />
            <span className="min-w-0 flex-1">
              {item.title}
              {item.detail !== undefined && <small className="block text-small text-ink-3">{item.detail}</small>}
            </span>
            {item.note !== undefined && <span className="pl-2 text-small whitespace-nowrap text-ink-3">{item.note}</span>}
          </li>
        );
      })}
    </ul>
  );
}
