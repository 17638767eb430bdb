"use client";

import { Command } from "cmdk";
import { BookOpen, ChevronRight, Search, Zap } from "lucide-react";
import { useRouter } from "next/navigation";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { Kbd } from "@/components/ui/kbd";
import { navMap } from "./nav-map";
import { useShell } from "./shell-context";
import type { PaletteItem } from "./types";
import { useWords } from "./words-provider";

type Props = { open: boolean; onOpenChange: (open: boolean) => void };

/** Acts on what is live first, then pages, then docs. Nothing acts at once: an act opens its confirm dialog. */
export function Palette({ open, onOpenChange }: Props) {
  const words = useWords();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay-in fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content className="dialog-in fixed top-[12vh] left-1/2 z-50 w-[min(620px,calc(100vw-24px))] -translate-x-1/2 overflow-hidden rounded-dialog border border-line bg-raised shadow-dialog">
          <Dialog.Title className="sr-only">{words.shell.paletteTitle}</Dialog.Title>
          <Dialog.Description className="sr-only">{words.shell.paletteHint}</Dialog.Description>
          <PaletteList close={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** The list alone. */
export function PaletteList({ close, start = "" }: { close: () => void; start?: string }) {
  const words = useWords();
  const router = useRouter();
  const { data, link } = useShell();
  const items = data.palette ?? [];
  const go = (href: string) => {
    close();
    router.push(href);
  };
  const of = (group: PaletteItem["group"]) => items.filter((item) => item.group === group);
  const titles = words.shell.paletteGroups;
  return (
    <Command label={words.shell.paletteTitle} loop defaultValue={start || undefined}>
      <div className="flex items-center gap-2.5 border-b border-line px-3.5 py-3">
        <Search className="size-4 shrink-0 stroke-[1.75]" aria-hidden />
        <Command.Input
          placeholder={words.shell.searchPlaceholder}
          className="min-w-0 flex-1 bg-transparent text-body outline-none max-md:text-[16px]"
        />
        <Kbd>Esc</Kbd>
      </div>
      <Command.List className="max-h-[min(420px,60dvh)] overflow-y-auto pb-1.5">
        <Command.Empty className="px-3.5 py-6 text-ink-3">{words.shell.noMatch}</Command.Empty>
        <Group title={titles.act}>
          {of("act").map((item) => (
            <Entry key={item.id} item={item} icon={<Zap aria-hidden />} onSelect={() => go(item.href)} />
          ))}
        </Group>
        <Group title={titles.goTo}>
          {of("goTo").map((item) => (
            <Entry key={item.id} item={item} icon={<ChevronRight aria-hidden />} onSelect={() => go(item.href)} />
          ))}
          {data.nav.map((page) => {
            const { icon: Icon, key } = navMap[page.id];
            const item = {
              id: page.id,
              label: words.shell.nav[page.id],
              keywords: [page.id],
              keys: key ? `G ${key.toUpperCase()}` : undefined,
            };
            return (
              <Entry
                key={page.id}
                item={item}
                icon={<Icon aria-hidden />}
                onSelect={() => go(page.projectWide ? page.href : link(page.href))}
              />
            );
          })}
        </Group>
        <Group title={titles.docs}>
          {of("docs").map((item) => (
            <Entry key={item.id} item={item} icon={<BookOpen aria-hidden />} onSelect={() => go(item.href)} />
          ))}
        </Group>
      </Command.List>
    </Command>
  );
}

function Group({ title, children }: { title: string; children: ReactNode[] | [ReactNode[], ReactNode[]] }) {
  if (children.flat().length === 0) return null;
  return (
    <Command.Group
      heading={title}
      className="[&_[cmdk-group-heading]]:px-3.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-micro [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-3"
    >
      {children}
    </Command.Group>
  );
}

type EntryItem = Pick<PaletteItem, "id" | "label" | "keywords" | "keys">;

function Entry({ item, icon, onSelect }: { item: EntryItem; icon: ReactNode; onSelect: () => void }) {
  return (
    <Command.Item
      value={`${item.label} ${item.id}`}
      keywords={item.keywords ? [...item.keywords] : undefined}
      onSelect={onSelect}
      className="flex min-h-[34px] cursor-default items-center gap-2.5 px-3.5 py-[7px] data-[selected=true]:bg-selected max-md:min-h-11 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:stroke-[1.75] [&_svg]:text-ink-3"
    >
      {icon}
      <span className="min-w-0 truncate">{item.label}</span>
      {item.keys !== undefined && <Kbd className="ml-auto">{item.keys}</Kbd>}
    </Command.Item>
  );
}
