"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type CallAnswer, call, type ProblemAnswer } from "@/lib/client/call";
import { CallError } from "@/lib/client/use-api";
import { type ExperimentSize, planExperiment } from "@/lib/domain/experiments/api";
import type { SizeQuestion } from "./plan-body";

/** A calculation begins when nobody has typed for so long. */
const PAUSE_MS = 350;
const FRESH_MS = 60_000;

export interface SizeLook {
  /** The answer to the last question that had one; stays while the next is calculated. */
  readonly size: ExperimentSize | null;
  /** Whether `size` answers the question as it is typed now. */
  readonly isCurrent: boolean;
  /** A refusal; null with `isError` when no answer came. */
  readonly problem: ProblemAnswer | null;
  readonly isError: boolean;
}

/** The live calculation beside the form: a pause after the last key, with the last answer in place until the next one is there. */
export function useSize(project: string, question: SizeQuestion | null): SizeLook {
  const key = question === null ? null : JSON.stringify(question);
  const [askedKey, setAskedKey] = useState(key);
  useEffect(() => {
    const timer = setTimeout(() => setAskedKey(key), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [key]);
  const look = useQuery<ExperimentSize, CallError>({
    queryKey: [planExperiment.id, project, askedKey],
    queryFn: async ({ signal }) => {
      const query = askedKey === null ? {} : (JSON.parse(askedKey) as SizeQuestion);
      const answer = await call(planExperiment, { project, query, signal });
      if (!answer.ok) throw new CallError(answer.problem);
      return answer.data;
    },
    enabled: askedKey !== null,
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
    retry: false,
  });
  const isCurrent = key !== null && key === askedKey && look.data !== undefined && !look.isPlaceholderData;
  return {
    size: question === null || look.isError ? null : (look.data ?? null),
    isCurrent,
    problem: look.error?.problem ?? null,
    isError: question !== null && look.isError && key === askedKey,
  };
}

/** The answer that a plan is saved with: the one in place where it answers this question, else a new one. */
export async function askSize(project: string, question: SizeQuestion, look: SizeLook): Promise<CallAnswer<ExperimentSize>> {
  if (look.isCurrent && look.size !== null) return { ok: true, data: look.size, etag: null };
  return call(planExperiment, { project, query: question });
}
