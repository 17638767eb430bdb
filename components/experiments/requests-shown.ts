import type { Experiment } from "@/lib/domain/experiments/api";
import type { RequestLine } from "@/lib/domain/usage/api";

/** Requests of each arm that the page of an experiment shows. */
export const REQUESTS_SHOWN = 10;

/** What is asked for each arm, by its key: all of them, since a list that was not read once looks empty. */
export function armRequestQueries({ number, endpoint, arms }: Pick<Experiment, "number" | "endpoint" | "arms">) {
  const { environment } = endpoint;
  return [arms.control, ...arms.treatments].map(
    ({ key }) => [key, { environment, experiment: number, arm: key, limit: REQUESTS_SHOWN }] as const,
  );
}

/** By the arm's key. */
export type ArmRequests = Readonly<Record<string, { items: RequestLine[]; nextCursor: string | null }>>;
