"use client";

import { ChevronsUpDown, LogOut } from "lucide-react";
import { signOut } from "next-auth/react";
import { Avatar } from "@/components/ui/avatar";
import { cn } from "@/components/ui/cn";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from "@/components/ui/menu";
import { useShell } from "./shell-context";
import type { SidebarForm } from "./sidebar";
import { useLanguage } from "./switches";
import { type ThemeChoice, useTheme } from "./use-theme";
import { useWords } from "./words-provider";

/** Who is signed in; theme, language, sign-out. */
export function UserMenu({ form }: { form: SidebarForm }) {
  const words = useWords();
  const { user } = useShell().data;
  const { choice, choose } = useTheme();
  const language = useLanguage();
  const rail = form === "rail";
  const themes: { value: ThemeChoice; label: string }[] = [
    { value: "light", label: words.shell.themes.light },
    { value: "dark", label: words.shell.themes.dark },
    { value: "system", label: words.shell.themes.system },
  ];
  return (
    <div className="mt-3.5 w-full border-t border-line pt-2">
      <Menu
        label={words.shell.account}
        side="top"
        align="start"
        trigger={
          <button
            type="button"
            title={rail ? user.name : undefined}
            className={cn(
              "flex items-center gap-2.5 rounded-control text-left hover:bg-hover",
              rail ? "mx-auto p-1.5" : "w-full px-2 py-1",
            )}
          >
            <Avatar name={user.name} />
            <span className="sr-only">
              {words.shell.account}: {rail && user.name}
            </span>
            {!rail && (
              <>
                <span className="min-w-0 flex-1">
                  <span className="block truncate font-medium">{user.name}</span>
                  {user.role !== undefined && <span className="block truncate text-small text-ink-3">{user.role}</span>}
                </span>
                <ChevronsUpDown className="size-3.5 shrink-0 text-ink-3" aria-hidden />
              </>
            )}
          </button>
        }
      >
        <MenuLabel>
          <span className="block font-medium">{user.name}</span>
          {user.email !== undefined && <span className="block text-small text-ink-3">{user.email}</span>}
        </MenuLabel>
        <MenuSeparator />
        <MenuChoice label={words.shell.theme} value={choice} options={themes} onChange={choose} />
        <MenuSeparator />
        <MenuChoice label={words.shell.language} value={language.locale} options={language.options} onChange={language.choose} />
        <MenuSeparator />
        <MenuItem icon={<LogOut aria-hidden />} onSelect={() => void signOut({ callbackUrl: "/sign-in" })}>
          {words.shell.signOut}
        </MenuItem>
      </Menu>
    </div>
  );
}
