"use client";

import { createContext, type ReactNode, useContext } from "react";
import { defaultLocale, getWords, type Locale, type Words } from "@/lib/core/words";

const LocaleContext = createContext<Locale>(defaultLocale);

/** Gives the page's language to all client components. Only the locale crosses from the server: sentences are functions. */
export function WordsProvider({ locale, children }: { locale: Locale; children: ReactNode }) {
  return <LocaleContext value={locale}>{children}</LocaleContext>;
}

export function useLocale(): Locale {
  return useContext(LocaleContext);
}

export function useWords(): Words {
  return getWords(useContext(LocaleContext));
}
