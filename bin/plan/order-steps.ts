import type { Step } from "./types";

type Ordered = { readonly steps: readonly Step[] } | { readonly circle: readonly Step[] };

/** Kahn's order, the earlier one of two that could both be next first, so that the same steps always come in the same order. */
function order(steps: readonly Step[], before: (step: Step) => readonly string[]): Ordered {
  const open = new Map(steps.map((step) => [step.id, new Set(before(step))]));
  const followers = new Map<string, Step[]>();
  for (const step of steps) for (const id of open.get(step.id) ?? []) followers.set(id, [...(followers.get(id) ?? []), step]);
  const position = new Map(steps.map((step, i) => [step.id, i]));
  const at = (step: Step) => position.get(step.id) ?? 0;
  const ready = steps.filter((step) => open.get(step.id)?.size === 0);
  const done: Step[] = [];
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
    done.push(next);
    for (const follower of followers.get(next.id) ?? []) {
      const waits = open.get(follower.id);
      waits?.delete(next.id);
      if (waits?.size !== 0) continue;
      const place = ready.findIndex((other) => at(other) > at(follower));
      ready.splice(place === -1 ? ready.length : place, 0, follower);
    }
  }
  const finished = new Set(done);
  return done.length === steps.length ? { steps: done } : { circle: steps.filter((step) => !finished.has(step)) };
}

/** An order in which each step finds what it needs; wishes give way where they would make a circle. */
export function orderSteps(steps: readonly Step[]): Ordered {
  const wished = order(steps, (step) => [...step.after, ...step.preferAfter]);
  return "steps" in wished ? wished : order(steps, (step) => step.after);
}
