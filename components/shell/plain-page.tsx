import type { ReactNode } from "react";
import { Mark } from "./mark";

/** A page outside the console: sign-in, nothing here, failed. */
export function PlainPage({ title, children, wide = false }: { title: string; children: ReactNode; wide?: boolean }) {
  return (
    <main id="main" className="grid min-h-dvh place-items-center px-4 py-10">
      <div className={wide ? "w-full max-w-[560px]" : "w-full max-w-[400px]"}>
        <div className="mb-6 flex items-center gap-2.5">
          <Mark />
          <span className="text-[15px] font-semibold tracking-[-0.01em]">Switchyard</span>
        </div>
        <h1 className="mb-2 text-h1 font-semibold tracking-[-0.018em]">{title}</h1>
        {children}
      </div>
    </main>
  );
}
