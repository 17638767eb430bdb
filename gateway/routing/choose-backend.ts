/** Chooses among a variant's backends. More strategies (load, cache affinity) fit behind the same signature. */
export interface BackendChoice<B> {
  readonly backends: readonly B[];
  /** Whether real traffic says that the backend answers. */
  readonly isHealthy: (backend: B) => boolean;
  /** Grows by one per choice: the round robin's only state. */
  readonly turn: number;
}

/** Round robin over the healthy ones; over all of them when none is, because a wrong verdict must not refuse traffic. null: none at all. */
export function chooseBackend<B>({ backends, isHealthy, turn }: BackendChoice<B>): B | null {
  if (backends.length <= 1) return backends[0] ?? null;
  const healthy = backends.filter(isHealthy);
  const from = healthy.length > 0 ? healthy : backends;
  return from[turn % from.length] ?? null;
}
