import type { Actor } from "@/lib/core/policy/authorize";
import { getRelease } from "@/lib/domain/endpoints";
import type { Endpoint, Release } from "@/lib/domain/endpoints/api";
import { readForPage } from "@/lib/http/read-page";

export function isSimulated(release: Release): boolean {
  return release.variants.some((variant) => variant.backends.some((backend) => backend.kind === "simulated"));
}

/** Names of the endpoints whose active release answers from a simulated backend. */
export async function listSimulated(actor: Actor, endpoints: readonly Endpoint[]): Promise<string[]> {
  const releases = await Promise.all(
    endpoints.flatMap(({ name, environment, activeRelease }) =>
      activeRelease === null
        ? []
        : [readForPage(getRelease, actor, { params: { name, number: String(activeRelease.number) }, query: { environment } })],
    ),
  );
  return releases.filter(isSimulated).map((release) => release.endpoint);
}
