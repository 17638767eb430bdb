"use client";

import Link from "next/link";
import { cn } from "@/components/ui/cn";
import { useShell } from "./shell-context";
import type { SidebarForm } from "./sidebar";
import { useWords } from "./words-provider";

/** Always visible, never a menu: acting in the wrong environment is the costliest mistake. */
export function EnvironmentSegment({ form, onNavigate }: { form: SidebarForm; onNavigate?: () => void }) {
  const words = useWords();
  const { data, environment, environmentName, linkTo, pathname } = useShell();
  const rail = form === "rail";
  return (
    <nav
      aria-label={words.shell.environment}
      className={cn("mt-2 mb-2.5 flex rounded-control bg-sunken p-0.5", rail ? "w-full flex-col" : "mx-1")}
    >
      {data.environments.map((name) => {
        const current = name === environment;
        const label = environmentName(name);
        return (
          <Link
            key={name}
            href={linkTo(pathname, name)}
            onClick={onNavigate}
            aria-current={current ? "true" : undefined}
            title={rail ? label : undefined}
            className={cn(
              "flex-auto rounded-[5px] px-2 py-1 text-center text-small whitespace-nowrap text-ink-3 hover:text-ink max-md:py-3 pointer-coarse:py-3",
              current && "bg-surface font-[550] text-ink shadow-[0_0_0_1px_var(--line),var(--shadow-1)]",
              rail && "px-0",
            )}
          >
            {name === "production" && !rail && (
              <span aria-hidden className="mr-1.5 inline-block size-1.5 rounded-full bg-good-solid align-[1px]" />
            )}
            {rail ? <span aria-hidden>{label.slice(0, 1)}</span> : label}
            {rail && <span className="sr-only">{label}</span>}
          </Link>
        );
      })}
    </nav>
  );
}
