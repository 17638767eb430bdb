"use client";

import Link from "next/link";
import { cn } from "@/components/ui/cn";
import { EnvironmentSegment } from "./environment-segment";
import { groupNav, navMap } from "./nav-map";
import { ProjectSwitcher } from "./project-switcher";
import { useShell } from "./shell-context";
import type { NavItem } from "./types";
import { UserMenu } from "./user-menu";
import { useWords } from "./words-provider";

/** `full` with words, `rail` with icons only. */
export type SidebarForm = "full" | "rail";

/** Project, environment, pages, person. */
export function Sidebar({ form, onNavigate }: { form: SidebarForm; onNavigate?: () => void }) {
  const words = useWords();
  const { data } = useShell();
  const rail = form === "rail";
  return (
    <div className={cn("flex h-full flex-col pt-2.5 pb-3", rail ? "items-center px-1.5" : "px-2.5")}>
      <ProjectSwitcher form={form} />
      <EnvironmentSegment form={form} onNavigate={onNavigate} />
      <nav
        aria-label={words.shell.mainNavigation}
        className="-mx-1 flex min-h-0 w-[calc(100%+8px)] flex-1 flex-col gap-3.5 overflow-y-auto px-1 [scrollbar-width:none]"
      >
        {groupNav(data.nav).map(({ group, items }) => (
          <div key={group ?? "top"}>
            {group !== null && (
              <h2 className={cn("px-2 pb-[3px] text-micro font-medium text-ink-3", rail && "sr-only")}>{words.shell.groups[group]}</h2>
            )}
            <ul>
              {items.map((item) => (
                <SidebarItem key={item.id} item={item} rail={rail} onNavigate={onNavigate} />
              ))}
            </ul>
            {rail && <span className="mx-auto mt-2 block h-px w-5 bg-line" />}
          </div>
        ))}
      </nav>
      <UserMenu form={form} />
    </div>
  );
}

function SidebarItem({ item, rail, onNavigate }: { item: NavItem; rail: boolean; onNavigate?: () => void }) {
  const words = useWords();
  const { link, isCurrent } = useShell();
  const { icon: Icon } = navMap[item.id];
  const current = isCurrent(item.href);
  const label = words.shell.nav[item.id];
  const count = item.count ?? 0;
  return (
    <li>
      <Link
        href={item.projectWide ? item.href : link(item.href)}
        onClick={onNavigate}
        aria-current={current ? "page" : undefined}
        title={rail ? label : undefined}
        className={cn(
          "relative flex items-center gap-2.5 rounded-control text-ink-2 hover:bg-hover",
          rail ? "mx-auto size-9 justify-center" : "h-7 px-2 max-md:h-11 pointer-coarse:h-11",
          current && "bg-selected font-[550] text-ink hover:bg-selected",
        )}
      >
        <Icon className={cn("size-4 shrink-0 stroke-[1.75]", current ? "text-ink" : "text-ink-3")} aria-hidden />
        <span className={rail ? "sr-only" : "truncate"}>{label}</span>
        {count > 0 && (
          <span
            className={cn(
              "rounded-full text-center text-micro",
              rail ? "absolute top-0.5 right-0 min-w-4 px-1 leading-4" : "ml-auto min-w-5 px-[5px]",
              item.hot ? "bg-ink font-semibold text-surface" : rail ? "bg-surface text-ink-3" : "text-ink-3",
            )}
          >
            <span aria-hidden={item.hot || undefined}>{count}</span>
            {item.hot && <span className="sr-only">{words.shell.waiting({ count })}</span>}
          </span>
        )}
      </Link>
    </li>
  );
}
