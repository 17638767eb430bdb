/** One finished request as the client wrote it down. */
export interface LedgerLine {
  readonly requestId: string | null;
  readonly endpoint: string;
  readonly outcome: string;
}

/** One request as PostgreSQL has it; `times` above 1 means that it was counted more than once. */
export interface LoggedRequest {
  readonly requestId: string;
  readonly outcome: string;
  readonly times: number;
}

export interface Comparison {
  readonly counts: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/**
 * Both ways: what the client saw complete is logged once and as complete; what is logged is there once; and no more requests are logged
 * as complete than the client saw complete or lost the answer of (a gateway killed after the spool, before the last byte).
 */
export function compareLedger(ledger: readonly LedgerLine[], log: readonly LoggedRequest[], endpoint: string): Comparison {
  const mine = ledger.filter((l) => l.endpoint === endpoint);
  const byId = new Map(log.map((l) => [l.requestId, l]));
  const finished = mine.filter((l) => l.outcome === "complete" && l.requestId !== null);
  const seen = new Set(mine.flatMap((l) => (l.requestId === null ? [] : [l.requestId])));
  const lost = finished.filter((l) => !byId.has(l.requestId ?? ""));
  const wrong = finished.filter((l) => byId.has(l.requestId ?? "") && byId.get(l.requestId ?? "")?.outcome !== "complete");
  const doubled = log.filter((l) => l.times > 1);
  const withoutAnswer = mine.filter((l) => l.requestId === null).length;
  const unseen = log.filter((l) => !seen.has(l.requestId) && l.outcome === "complete");
  const problems: string[] = [];
  if (finished.length === 0) problems.push("the client saw no request finish: nothing was tested");
  if (lost.length > 0) problems.push(`${lost.length} requests that the client saw finish are not in the log, e.g. ${lost[0]?.requestId}`);
  if (wrong.length > 0) problems.push(`${wrong.length} requests that the client saw finish are logged with another outcome`);
  if (doubled.length > 0) problems.push(`${doubled.length} requests are in the log more than once, e.g. ${doubled[0]?.requestId}`);
  if (unseen.length > withoutAnswer)
    problems.push(`${unseen.length} requests are logged as complete, but the client only lost the answer of ${withoutAnswer}`);
  return {
    counts: {
      clientFinished: finished.length,
      clientWithoutAnswer: withoutAnswer,
      clientOther: mine.length - finished.length - withoutAnswer,
      logged: log.length,
      lost: lost.length,
      wrongOutcome: wrong.length,
      doubled: doubled.length,
      loggedButNotSeen: unseen.length,
    },
    problems,
  };
}
