"use client";

import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { type ReactNode, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { Freshness } from "@/components/ui/freshness";
import { Palette } from "./palette";
import { ShellProvider, useShell } from "./shell-context";
import { Shortcuts } from "./shortcuts";
import { Sidebar } from "./sidebar";
import { TopBar } from "./top-bar";
import type { ShellData } from "./types";
import { useWords } from "./words-provider";

/** The frame of the console around every page. Props are plain data, so a server layout can give them. */
export function AppShell({ children, ...data }: ShellData & { children: ReactNode }) {
  return (
    <ShellProvider data={data}>
      <Frame>{children}</Frame>
    </ShellProvider>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const words = useWords();
  const { freshness } = useShell();
  const [palette, setPalette] = useState(false);
  const [menu, setMenu] = useState(false);
  return (
    <>
      <a
        href="#main"
        className="fixed top-2 left-2 z-60 -translate-y-16 rounded-control bg-primary px-3 py-2 text-on-primary focus-visible:translate-y-0"
      >
        {words.shell.skipToContent}
      </a>
      <div className="min-h-dvh md:grid md:grid-cols-[56px_minmax(0,1fr)] lg:grid-cols-[var(--sidebar-w)_minmax(0,1fr)] print:block!">
        <div className="sticky top-0 h-dvh border-r border-line bg-surface max-md:hidden print:hidden">
          <div className="h-full max-lg:hidden">
            <Sidebar form="full" />
          </div>
          <div className="h-full lg:hidden">
            <Sidebar form="rail" />
          </div>
        </div>
        <div className="flex min-w-0 flex-col">
          <TopBar onMenu={() => setMenu(true)} onPalette={() => setPalette(true)} />
          <main id="main" tabIndex={-1} className="min-w-0 flex-1 outline-none">
            {freshness && <Freshness {...freshness} className="px-4 pt-3 md:hidden" />}
            {children}
          </main>
        </div>
      </div>
      <MenuSheet open={menu} onOpenChange={setMenu} />
      <Palette open={palette} onOpenChange={setPalette} />
      <Shortcuts onPalette={() => setPalette(true)} />
    </>
  );
}

function MenuSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const words = useWords();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay-in fixed inset-0 z-40 bg-scrim md:hidden" />
        <Dialog.Content
          aria-describedby={undefined}
          className="sheet-in fixed inset-y-0 left-0 z-50 w-[min(300px,86vw)] border-r border-line bg-surface shadow-dialog md:hidden"
        >
          <Dialog.Title className="sr-only">{words.shell.menu}</Dialog.Title>
          <Sidebar form="full" onNavigate={() => onOpenChange(false)} />
          <Dialog.Close asChild>
            <IconButton label={words.shell.closeMenu} className="absolute top-1 -right-12 bg-surface">
              <X aria-hidden />
            </IconButton>
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
