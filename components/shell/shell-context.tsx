"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import type { FreshnessInfo } from "@/components/ui/freshness";
import { type Crumb, deriveCrumbs, withEnvironment } from "./environment";
import type { ShellData } from "./types";
import { useWords } from "./words-provider";

type Chrome = { crumbs?: readonly Crumb[]; freshness?: FreshnessInfo | null };
type ShellState = { data: ShellData; chrome: Chrome; setChrome: (chrome: Chrome) => void };

const ShellContext = createContext<ShellState | null>(null);

export function ShellProvider({ data, children }: { data: ShellData; children: ReactNode }) {
  const [chrome, setChrome] = useState<Chrome>({});
  const value = useMemo(() => ({ data, chrome, setChrome }), [data, chrome]);
  return <ShellContext value={value}>{children}</ShellContext>;
}

function useShellState(): ShellState {
  const state = useContext(ShellContext);
  if (!state) throw new Error("this component stands inside AppShell only");
  return state;
}

/** What the frame needs: data, current environment, links that stay in it, breadcrumb, freshness. */
export function useShell() {
  const { data, chrome } = useShellState();
  const words = useWords();
  const pathname = usePathname();
  const fallback = data.defaultEnvironment ?? "production";
  const environment = useSearchParams().get("env") ?? fallback;
  const nameOf = (noun: string) => {
    const item = data.nav.find((each) => each.href.split("/")[2] === noun);
    return item && words.shell.nav[item.id];
  };
  const names: Readonly<Record<string, string>> = words.shell.environments;
  const home = data.nav.find((item) => item.id === "overview");
  const derived = deriveCrumbs(pathname, { project: data.project, nameOf });
  const crumbs = chrome.crumbs ?? (pathname === home?.href ? [...derived, { label: words.shell.nav.overview }] : derived);
  return {
    data,
    pathname,
    environment,
    crumbs,
    freshness: chrome.freshness ?? null,
    environmentName: (name: string) => names[name] ?? name,
    link: (href: string) => withEnvironment(href, environment, fallback),
    linkTo: (href: string, to: string) => withEnvironment(href, to, fallback),
    isCurrent: (href: string) => pathname === href || (href !== home?.href && pathname.startsWith(`${href}/`)),
  };
}

/** A page's own breadcrumb and freshness for the top bar. Draws nothing. */
export function PageChrome({ crumbs, freshness }: { crumbs?: readonly Crumb[]; freshness?: FreshnessInfo | null }) {
  const { setChrome } = useShellState();
  const key = JSON.stringify({ crumbs, freshness });
  useEffect(() => {
    setChrome(JSON.parse(key) as Chrome);
    return () => setChrome({});
  }, [key, setChrome]);
  return null;
}
