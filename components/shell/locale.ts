import { cookies, headers } from "next/headers";
import { cache } from "react";
import { getWords, type Locale, resolveLocale, type Words } from "@/lib/core/words";
import { isTheme, localeCookie, type Theme, themeCookie, zoneCookie } from "./preferences";

/** The language of this request: the `locale` cookie, else Accept-Language, else English. Server only. */
export const getLocale = cache(async (): Promise<Locale> => {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  return resolveLocale(jar.get(localeCookie)?.value, head.get("accept-language"));
});

/** The words of this request's language, for server components. */
export async function getRequestWords(): Promise<Words> {
  return getWords(await getLocale());
}

/** The saved theme, or null to follow the system. */
export async function getTheme(): Promise<Theme | null> {
  const saved = (await cookies()).get(themeCookie)?.value;
  return isTheme(saved) ? saved : null;
}

/** The viewer's IANA zone as the last visit left it, else UTC. */
export async function getTimeZone(): Promise<string> {
  const saved = (await cookies()).get(zoneCookie)?.value;
  return saved && isZone(saved) ? saved : "UTC";
}

// A cookie is user input: an unknown zone would make every date formatter throw.
function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
