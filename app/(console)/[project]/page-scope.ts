import type { Scope } from "@/components/overview/scope";
import type { PageRequest } from "@/lib/http/read-page";

/** What the page's client parts need to know of who looks at what. */
export function toScope<Names extends string>({ actor, project, environment }: PageRequest<Names>): Scope {
  return { project: project.slug, environment, role: actor.kind === "user" ? actor.role : "viewer" };
}
