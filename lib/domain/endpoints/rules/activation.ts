/** What asking for a release to be activated comes to. */
export type Activation =
  | { readonly kind: "activate" }
  /** It serves already. */
  | { readonly kind: "unchanged" }
  | { readonly kind: "refuse"; readonly detail: string };

/** Only an endpoint that serves nothing is given a release at once: from then on its traffic moves by a rollout. */
export function decideActivation(
  endpoint: { readonly name: string; readonly activeRelease: { readonly id: string; readonly number: number } | null },
  releaseId: string,
): Activation {
  if (endpoint.activeRelease === null) return { kind: "activate" };
  if (endpoint.activeRelease.id === releaseId) return { kind: "unchanged" };
  return {
    kind: "refuse",
    detail: `${endpoint.name} serves r${endpoint.activeRelease.number} already. Start a rollout to move its traffic: POST /api/v1/rollouts.`,
  };
}
