/** Why a second mover is refused, and how to mend it. */
export function describeMover(mover: { readonly kind: "rollout" | "experiment"; readonly number: number }, endpoint: string): string {
  return mover.kind === "rollout"
    ? `Rollout ${mover.number} is moving ${endpoint} now. Let it end, or roll it back first.`
    : `Experiment ${mover.number} runs on ${endpoint} now. Let it end, or stop it first.`;
}
