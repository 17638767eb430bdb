import type { Scope } from "@/components/overview/scope";
import type { PageRequest } from "@/lib/http/read-page";

/** What the page's client parts need to know of who looks at what. */
export function toScope<Names extends string>({ actor, project, environment }: PageRequest<Names>): Scope {
  return { project: project.slug, environment, role: actor.kind === "user" ? actor.role : "viewer" };
}

/** The instant that the address asks about, and now; null where it names none. */
const instantOf = (asked: string | undefined): string | null => {
  const ms = asked === undefined ? Number.NaN : Date.parse(asked);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
};

export function readInstants(asked: { at: string | undefined; knownAt: string | undefined }) {
  return { at: instantOf(asked.at), knownAt: instantOf(asked.knownAt), nowMs: Date.now() };
}
