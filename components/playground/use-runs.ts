"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { z } from "zod";
import type { ProblemAnswer } from "@/lib/client/call";
import { callStream } from "@/lib/client/call-stream";
import { type PlaygroundTarget, type RunDone, type RunEvent, startPlaygroundRun } from "@/lib/domain/playground/api";
import { targetKey } from "./playground-draft";

type Body = z.input<(typeof startPlaygroundRun)["body"]>;
type Messages = Extract<RunEvent, { event: "start" }>["messages"];
type RunProblem = { readonly code: string; readonly title: string; readonly detail: string; readonly errors?: ProblemAnswer["errors"] };

/** One answer as it stands now. */
export interface Run {
  readonly target: PlaygroundTarget;
  readonly phase: "waiting" | "streaming" | "done" | "failed" | "stopped";
  readonly requestId: string | null;
  readonly messages: Messages;
  readonly text: string;
  readonly reasoning: string;
  readonly tool: string;
  readonly done: RunDone | null;
  /** Null while there is none, and where the stream broke off without saying why. */
  readonly problem: RunProblem | null;
}

const fresh = (target: PlaygroundTarget): Run => ({
  target,
  phase: "waiting",
  requestId: null,
  messages: [],
  text: "",
  reasoning: "",
  tool: "",
  done: null,
  problem: null,
});

/** The run after one more event. */
export function applyEvent(run: Run, event: RunEvent): Run {
  if (run.phase === "stopped") return run;
  switch (event.event) {
    case "start":
      return { ...run, phase: "streaming", requestId: event.requestId, messages: event.messages };
    case "delta":
      return { ...run, [event.kind]: run[event.kind] + event.text };
    case "done":
      return { ...run, phase: "done", done: event };
    case "error":
      return { ...run, phase: "failed", problem: event.problem };
  }
}

/** Runs side by side; a new set of runs ends the one before. */
export function useRuns(project: string) {
  const [runs, setRuns] = useState<readonly Run[]>([]);
  const control = useRef<AbortController | null>(null);

  const stop = useCallback(() => {
    control.current?.abort();
    control.current = null;
    setRuns((now) => now.map((run) => (isUnderWay(run) ? { ...run, phase: "stopped" as const } : run)));
  }, []);
  useEffect(() => () => control.current?.abort(), []);

  const start = useCallback(
    (bodies: readonly Body[]) => {
      control.current?.abort();
      const mine = new AbortController();
      control.current = mine;
      setRuns(bodies.map((body) => fresh(body.target)));
      const change = (target: PlaygroundTarget, next: (run: Run) => Run) => {
        if (control.current === mine) setRuns((now) => now.map((run) => (targetKey(run.target) === targetKey(target) ? next(run) : run)));
      };
      for (const body of bodies)
        void callStream(startPlaygroundRun, { project, body, signal: mine.signal }, (event) =>
          change(body.target, (run) => applyEvent(run, event)),
        ).then((end) =>
          change(body.target, (run) => (isUnderWay(run) ? { ...run, phase: "failed", problem: end.ok ? null : end.problem } : run)),
        );
    },
    [project],
  );
  return { runs, isRunning: runs.some(isUnderWay), start, stop };
}

const isUnderWay = ({ phase }: Run): boolean => phase === "waiting" || phase === "streaming";
