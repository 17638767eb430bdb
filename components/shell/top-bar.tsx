"use client";

import { Bell, Menu as MenuIcon, Search } from "lucide-react";
import Link from "next/link";
import { IconButton } from "@/components/ui/button";
import { Freshness } from "@/components/ui/freshness";
import { Kbd } from "@/components/ui/kbd";
import { useShell } from "./shell-context";
import { ThemeToggle } from "./switches";
import { useWords } from "./words-provider";

type Props = { onMenu: () => void; onPalette: () => void };

/** Where you are, search, how fresh it is, what waits, theme. */
export function TopBar({ onMenu, onPalette }: Props) {
  const words = useWords();
  const { crumbs, freshness, environment, environmentName } = useShell();
  const title = crumbs.at(-1)?.label ?? "";
  return (
    <header className="sticky top-0 z-10 flex h-(--topbar-h) shrink-0 items-center gap-3 border-b border-line bg-surface px-(--page-pad) max-md:h-[52px] max-md:gap-1 max-md:px-2 print:hidden">
      <IconButton label={words.shell.menu} onClick={onMenu} className="md:hidden">
        <MenuIcon aria-hidden />
      </IconButton>
      <b className="min-w-0 flex-1 truncate md:hidden">{title}</b>
      <span className="inline-flex h-5 items-center gap-1 rounded-mark border border-line px-1.5 text-small text-ink-2 md:hidden">
        {environment === "production" && <span aria-hidden className="size-1.5 rounded-full bg-good-solid" />}
        {environmentName(environment)}
      </span>
      <Breadcrumb />
      <button
        type="button"
        onClick={onPalette}
        className="ml-auto flex h-[30px] w-[248px] shrink-0 items-center gap-2 rounded-control border border-line bg-surface pr-1.5 pl-2.5 text-ink-3 hover:border-line-strong max-lg:w-auto max-md:hidden"
      >
        <Search className="size-3.5 shrink-0" aria-hidden />
        <span className="truncate max-lg:sr-only">{words.shell.search}</span>
        <Kbd className="ml-auto">Ctrl K</Kbd>
      </button>
      {freshness && <Freshness {...freshness} className="max-md:hidden" />}
      <IconButton label={words.shell.search} onClick={onPalette} className="md:hidden">
        <Search aria-hidden />
      </IconButton>
      <Waiting />
      <ThemeToggle className="max-md:hidden" />
    </header>
  );
}

function Breadcrumb() {
  const words = useWords();
  const { crumbs, link } = useShell();
  return (
    <nav aria-label={words.shell.breadcrumb} className="min-w-0 max-md:hidden">
      <ol className="flex min-w-0 items-center gap-2 whitespace-nowrap text-ink-3">
        {crumbs.map((crumb, index) => {
          const isLast = index === crumbs.length - 1;
          return (
            <li
              key={`${crumb.label} ${crumb.href ?? ""}`}
              className={isLast ? "flex min-w-0 items-center gap-2" : "flex min-w-0 shrink-1000 items-center gap-2"}
            >
              {index > 0 && (
                <span aria-hidden className="text-ink-4">
                  /
                </span>
              )}
              {isLast || !crumb.href ? (
                <span aria-current={isLast ? "page" : undefined} className={isLast ? "truncate font-[550] text-ink" : "truncate"}>
                  {crumb.label}
                </span>
              ) : (
                <Link href={link(crumb.href)} className="truncate hover:text-ink">
                  {crumb.label}
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

// The bell leads to the inbox; without an inbox there is nothing to ring for.
function Waiting() {
  const words = useWords();
  const { data, link } = useShell();
  const inbox = data.nav.find((item) => item.id === "needsYou");
  if (!inbox) return null;
  const count = inbox.count ?? 0;
  const label = count > 0 ? words.shell.unread({ count }) : words.shell.notifications;
  return (
    <Link
      href={link(inbox.href)}
      aria-label={label}
      title={label}
      className="relative grid size-[30px] shrink-0 place-items-center rounded-control text-ink-3 hover:bg-hover max-md:size-11 [&_svg]:size-4 [&_svg]:stroke-[1.75]"
    >
      <Bell aria-hidden />
      {count > 0 && (
        <span
          aria-hidden
          className="absolute top-[5px] right-1.5 size-[7px] rounded-full bg-bad-solid outline-[1.5px] outline-surface max-md:top-3 max-md:right-3"
        />
      )}
    </Link>
  );
}
