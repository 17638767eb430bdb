import Link from "next/link";
import type { ReactNode } from "react";
import { Mark } from "@/components/shell/mark";
import { LanguageSwitch, ThemeToggle } from "@/components/shell/switches";

/** Reference pages: for anybody, signed in or not. */
export default function DocsLayout({ children }: { children: ReactNode }) {
  return (
    <div className="mx-auto max-w-[1080px] px-4 md:px-6">
      <header className="flex items-center justify-between gap-4 border-b border-line py-3">
        <Link href="/" className="flex items-center gap-2.5 text-[15px] font-semibold">
          <Mark />
          Switchyard
        </Link>
        <div className="flex items-center gap-3">
          <LanguageSwitch />
          <ThemeToggle />
        </div>
      </header>
      <main id="main" className="py-6">
        {children}
      </main>
    </div>
  );
}
