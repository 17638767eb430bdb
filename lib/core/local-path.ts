/**
 * Where to go after signing in: a path on this origin, else `/`. Browsers drop tabs and line breaks from addresses and read `\` as `/`,
 * so the value is judged by what a URL parser makes of it.
 */
export function toLocalPath(value: string | null | undefined): string {
  const origin = "http://local.invalid";
  if (value == null || !value.startsWith("/") || !URL.canParse(value, origin)) return "/";
  const url = new URL(value, origin);
  // Dots are resolved by now: `/..//host` has become `//host`, which would be another origin.
  if (url.origin !== origin || url.pathname.startsWith("//")) return "/";
  return `${url.pathname}${url.search}${url.hash}`;
}
