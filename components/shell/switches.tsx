"use client";

import { SunMoon } from "lucide-react";
import { useRouter } from "next/navigation";
import { IconButton } from "@/components/ui/button";
import { isLocale, type Locale, locales } from "@/lib/core/words";
import { localeCookie, saveChoice } from "./preferences";
import { useTheme } from "./use-theme";
import { useLocale, useWords } from "./words-provider";

/** Light and dark with one press. */
export function ThemeToggle({ className }: { className?: string }) {
  const words = useWords();
  const { theme, choose } = useTheme();
  return (
    <IconButton label={words.shell.switchTheme} onClick={() => choose(theme === "dark" ? "light" : "dark")} className={className}>
      <SunMoon aria-hidden />
    </IconButton>
  );
}

/** Saves the language and draws the page again in it. */
export function useLanguage(): {
  locale: Locale;
  options: { value: Locale; label: string; lang: Locale }[];
  choose: (value: string) => void;
} {
  const words = useWords();
  const locale = useLocale();
  const router = useRouter();
  const choose = (value: string) => {
    if (!isLocale(value)) return;
    saveChoice(localeCookie, value);
    document.documentElement.lang = value;
    router.refresh();
  };
  return { locale, options: locales.map((value) => ({ value, label: words.shell.languages[value], lang: value })), choose };
}

/** For pages outside the shell, such as sign-in. */
export function LanguageSwitch() {
  const { locale, options, choose } = useLanguage();
  const words = useWords();
  return (
    <fieldset aria-label={words.shell.language} className="flex gap-3 text-small">
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          lang={option.lang}
          aria-pressed={option.value === locale}
          onClick={() => choose(option.value)}
          className={option.value === locale ? "font-[550] text-ink" : "link text-ink-3"}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
