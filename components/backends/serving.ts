/** A release that answers from a backend now, or is being rolled out to. */
export interface Serving {
  readonly backend: string;
  readonly endpoint: string;
  readonly release: number;
}

export const servingOf = (serving: readonly Serving[], backend: string): Serving[] => serving.filter((each) => each.backend === backend);
