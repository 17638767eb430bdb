/** The cookies that hold a viewer's choices. They are not secret and hold nothing personal. */
export const themeCookie = "theme";
export const localeCookie = "locale";
export const zoneCookie = "tz";

export type Theme = "light" | "dark";
export const isTheme = (value: unknown): value is Theme => value === "light" || value === "dark";

const yearSeconds = 31_536_000;

/** Keeps a choice for a year; `null` forgets it. */
export function saveChoice(name: string, value: string | null): void {
  const age = value === null ? 0 : yearSeconds;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that we support
  document.cookie = `${name}=${encodeURIComponent(value ?? "")};path=/;max-age=${age};samesite=lax`;
}

/**
 * Runs before the first paint: takes the system's theme where none was chosen, and remembers the viewer's zone for the
 * next server rendering. It stays plain ES5, because nothing compiles it.
 */
export const beforePaint = `(function(){var d=document.documentElement;if(!d.dataset.theme){d.dataset.theme=matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light"}try{var z=encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);if(document.cookie.indexOf("${zoneCookie}="+z)<0){document.cookie="${zoneCookie}="+z+";path=/;max-age=${yearSeconds};samesite=lax"}}catch(e){}})()`;
