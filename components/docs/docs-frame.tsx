import Link from "next/link";
import type { ReactNode } from "react";
import { getRequestWords } from "@/components/shell/locale";
import { Mark } from "@/components/shell/mark";
import { LanguageSwitch, ThemeToggle } from "@/components/shell/switches";

/** The frame of the documentation: it needs no sign-in and knows no project. */
export async function DocsFrame({ children }: { children: ReactNode }) {
  const words = await getRequestWords();
  return (
    <>
      <a
        href="#main"
        className="fixed top-2 left-2 z-60 -translate-y-16 rounded-control bg-primary px-3 py-2 text-on-primary focus-visible:translate-y-0"
      >
        {words.shell.skipToContent}
      </a>
      <header className="sticky top-0 z-20 flex h-(--topbar-h) items-center gap-5 border-b border-line bg-surface px-(--page-pad) max-md:h-[52px] max-md:gap-3.5 print:hidden">
        <Link href="/docs/api" className="flex items-center gap-2.5">
          <Mark size={24} />
          <span className="font-semibold tracking-[-0.01em]">
            Switchyard <span className="font-normal text-ink-3 max-md:sr-only">{words.docs.docs}</span>
          </span>
        </Link>
        <nav aria-label={words.docs.docs} className="flex items-center gap-4 max-md:gap-3">
          <Link href="/docs/api" className="text-ink-2 hover:text-ink max-md:py-3">
            {words.docs.title}
          </Link>
          <Link href="/docs/errors" className="text-ink-2 hover:text-ink max-md:py-3">
            {words.docs.errors}
          </Link>
          <Link href="/" className="text-ink-2 hover:text-ink max-md:py-3">
            {words.docs.toConsole}
          </Link>
        </nav>
        <div className="ml-auto flex items-center gap-3">
          <span className="max-md:hidden">
            <LanguageSwitch />
          </span>
          <ThemeToggle />
        </div>
      </header>
      {children}
    </>
  );
}
