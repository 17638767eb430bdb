import { en } from "./en";
import { ko } from "./ko";
import type { Locale } from "./locale";
import type { WordsOf } from "./types";

export type Words = WordsOf<typeof en>;

const catalogue = { en, ko } satisfies Record<Locale, Words>;

/** All words of one language: `getWords("ko").actions.rollBackTo({ release: "r41" })`. */
export function getWords(locale: Locale): Words {
  return catalogue[locale];
}

export type { Locale } from "./locale";
export { defaultLocale, isLocale, locales, resolveLocale } from "./locale";
export { problemTitle } from "./problems";
export type { Fill, WordsOf } from "./types";
