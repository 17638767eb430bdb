/** A link that stays in the environment the viewer is in; the default one is not written into the URL. */
export function withEnvironment(href: string, environment: string, defaultEnvironment = "production"): string {
  const [path = "", query = ""] = href.split("?");
  const parameters = new URLSearchParams(query);
  if (environment === defaultEnvironment) parameters.delete("env");
  else parameters.set("env", environment);
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

export type Crumb = { label: string; href?: string };

/** `/demo/rollouts/support-chat/324` as crumbs; the noun takes its name from the sidebar. */
export function deriveCrumbs(
  pathname: string,
  { project, nameOf }: { project: { slug: string; name: string }; nameOf: (noun: string) => string | undefined },
): Crumb[] {
  const [slug, noun, ...rest] = pathname.split("/").filter((part) => part !== "");
  if (slug !== project.slug) return [{ label: project.name, href: `/${project.slug}` }];
  const home: Crumb = { label: project.name, href: `/${project.slug}` };
  if (!noun) return [home];
  const start = `/${slug}/${noun}`;
  const tail = rest.map((part, index) => ({ label: safeDecode(part), href: `${start}/${rest.slice(0, index + 1).join("/")}` }));
  return [home, { label: nameOf(noun) ?? safeDecode(noun), href: start }, ...tail];
}

function safeDecode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
