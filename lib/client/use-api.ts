"use client";

import { useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import type { EndpointSpec } from "@/lib/contracts/endpoint";
import { type CallParts, call, type ProblemAnswer, toUrl } from "./call";

/** A refusal or a missing answer, for react-query. */
export class CallError extends Error {
  override readonly name = "CallError";
  constructor(readonly problem: ProblemAnswer | null) {
    super(problem?.title ?? "no answer");
  }
}

interface LiveOptions<E extends EndpointSpec> {
  /** What the server rendered: shown at once, then refreshed. */
  readonly initial: z.output<E["returns"]>;
  /** Milliseconds between two looks; stops while the page is hidden. */
  readonly everyMs: number;
}

/** A live part of a page: begins with the server's data and looks again every so often. */
export function useLive<E extends EndpointSpec>(endpoint: E, parts: Omit<CallParts<E>, "signal">, { initial, everyMs }: LiveOptions<E>) {
  const look = useQuery<z.output<E["returns"]>, CallError>({
    queryKey: [endpoint.id, parts.project ?? "", toUrl(endpoint, parts as CallParts<E>)],
    queryFn: async ({ signal }) => {
      const answer = await call(endpoint, { ...parts, signal } as CallParts<E>);
      if (!answer.ok) throw new CallError(answer.problem);
      return answer.data;
    },
    initialData: initial,
    initialDataUpdatedAt: Date.now,
    refetchInterval: everyMs,
    retry: false,
  });
  const { dataUpdatedAt, isError, error, refetch } = look;
  const data: z.output<E["returns"]> = look.data ?? initial;
  return { data, dataUpdatedAt, isError, error, refetch };
}
