import type { ReactNode } from "react";
import { LanguageSwitch, ThemeToggle } from "@/components/shell/switches";

/** Pages before anybody is signed in: language and theme stand in the corner, since there is no menu yet. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <header className="absolute top-3 right-4 flex items-center gap-3 max-md:right-3">
        <LanguageSwitch />
        <ThemeToggle />
      </header>
      {children}
    </>
  );
}
