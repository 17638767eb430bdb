"use client";

import { useRouter } from "next/navigation";
import { Dialog } from "radix-ui";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { Kbd } from "@/components/ui/kbd";
import { navMap } from "./nav-map";
import { useShell } from "./shell-context";
import { useWords } from "./words-provider";

const chordMs = 1500;

/** Ctrl/Cmd-K palette, `/` table filter, `?` this list, G then a letter for a main page. */
export function Shortcuts({ onPalette }: { onPalette: () => void }) {
  const words = useWords();
  const router = useRouter();
  const { data, link } = useShell();
  const [help, setHelp] = useState(false);
  const goUntil = useRef(0);
  const pages = data.nav.filter((item) => navMap[item.id].key !== undefined);

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const isGoing = goUntil.current > event.timeStamp;
    goUntil.current = 0;
    switch (toIntent(event, isGoing)) {
      case "palette":
        event.preventDefault();
        return onPalette();
      case "go":
        goUntil.current = event.timeStamp + chordMs;
        return;
      case "page": {
        const page = pages.find((item) => navMap[item.id].key === event.key.toLowerCase());
        if (page) router.push(page.projectWide ? page.href : link(page.href));
        return;
      }
      case "filter":
        return focusFilter(event);
      case "help":
        return setHelp(true);
      default:
        return;
    }
  });

  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  const rows = [
    { keys: ["Ctrl K"], name: words.shell.keyNames.palette },
    { keys: ["/"], name: words.shell.keyNames.filter },
    { keys: ["?"], name: words.shell.keyNames.help },
    ...pages.map((item) => ({
      keys: ["G", navMap[item.id].key?.toUpperCase() ?? ""],
      name: words.shell.keyNames.goTo({ page: words.shell.nav[item.id] }),
    })),
  ];
  return (
    <Dialog.Root open={help} onOpenChange={setHelp}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay-in fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content className="dialog-in fixed top-1/2 left-1/2 z-50 w-[min(420px,calc(100vw-32px))] -translate-1/2 rounded-dialog border border-line bg-raised p-5 shadow-dialog">
          <Dialog.Title className="text-h2 font-semibold">{words.shell.keys}</Dialog.Title>
          <Dialog.Description className="mb-3 text-ink-3">{words.shell.keysHint}</Dialog.Description>
          <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-y-2">
            {rows.map((row) => (
              <div key={row.name} className="contents">
                <dt>{row.name}</dt>
                <dd className="flex justify-end gap-1">
                  {row.keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

type Intent = "palette" | "go" | "page" | "filter" | "help" | null;

function toIntent(event: KeyboardEvent, isGoing: boolean): Intent {
  const hasModifier = event.ctrlKey || event.metaKey;
  if (hasModifier) return event.key.toLowerCase() === "k" ? "palette" : null;
  if (event.altKey || isTyping(event.target)) return null;
  if (isGoing) return "page";
  const intents: Readonly<Record<string, Intent>> = { g: "go", G: "go", "?": "help", "/": "filter" };
  return intents[event.key] ?? null;
}

function focusFilter(event: KeyboardEvent): void {
  const filter = document.querySelector<HTMLInputElement>("[data-table-filter]");
  if (!filter) return;
  event.preventDefault();
  filter.focus();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(input|textarea|select)$/i.test(target.tagName) ||
      target.closest("[role=dialog],[role=alertdialog],[role=menu]") !== null)
  );
}
