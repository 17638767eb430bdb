"use client";

import { Check, ChevronsUpDown } from "lucide-react";
import { cn } from "@/components/ui/cn";
import { Menu, MenuItem } from "@/components/ui/menu";
import { Mark } from "./mark";
import { useShell } from "./shell-context";
import type { SidebarForm } from "./sidebar";
import { useWords } from "./words-provider";

export function ProjectSwitcher({ form }: { form: SidebarForm }) {
  const words = useWords();
  const { data } = useShell();
  const rail = form === "rail";
  return (
    <Menu
      label={words.shell.switchProject}
      align="start"
      trigger={
        <button
          type="button"
          title={rail ? data.project.name : undefined}
          className={cn("flex items-center gap-2.5 rounded-control text-left hover:bg-hover", rail ? "p-1.5" : "w-full px-2 py-1.5")}
        >
          <Mark />
          <span className="sr-only">
            {words.shell.switchProject}: {rail && data.project.name}
          </span>
          {!rail && (
            <>
              <span className="min-w-0 flex-1">
                <b className="block truncate text-[13px]/[17px]">{data.project.name}</b>
                <span className="block truncate text-[11px]/[14px] text-ink-3">{data.organisation}</span>
              </span>
              <ChevronsUpDown className="size-3.5 shrink-0 text-ink-3" aria-hidden />
            </>
          )}
        </button>
      }
    >
      {data.projects.map((project) => (
        <MenuItem key={project.slug} href={`/${project.slug}`}>
          <span className="truncate">{project.name}</span>
          {project.slug === data.project.slug && <Check className="ml-auto" aria-hidden />}
        </MenuItem>
      ))}
    </Menu>
  );
}
